"""The plugin for a machine that has all that tests need: there, a skip is a failure."""

import pytest

pytest_plugins = ["pytester"]


@pytest.fixture
def run(pytester):
    def run(text, *options):
        pytester.makepyfile(text)
        return pytester.runpytest_inprocess("-p", "no:randomly", "-p", "no:cacheprovider", *options)

    return run


def test_a_skipped_test_fails_and_tells_the_reason(run):
    result = run("import pytest\ndef test_a(): pytest.skip('no browser')\n", "-p", "tests.nothing_skipped")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*nothing may be skipped here, but:*no browser*"])


def test_a_skipped_module_fails(run):
    text = "import pytest\npytest.importorskip('no_such_module')\ndef test_a(): pass\n"
    assert run(text, "-p", "tests.nothing_skipped").ret != 0


def test_what_is_expected_to_fail_may(run):
    text = "import pytest\n@pytest.mark.xfail\ndef test_a(): assert False\ndef test_b(): pass\n"
    run(text, "-p", "tests.nothing_skipped").assert_outcomes(xfailed=1, passed=1)


def test_without_the_plugin_a_skip_is_a_skip(run):
    run("import pytest\ndef test_a(): pytest.skip('no browser')\n").assert_outcomes(skipped=1)
