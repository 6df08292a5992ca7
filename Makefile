# Nothing but make and Python 3.11 or later is needed: every target sets up what it uses, once.
# make demo ARGS="--port 9000"      make test ARGS="-k calendar"      make lock ARGS=--upgrade

VENV ?= .venv
BIN := $(VENV)/bin
PYTHONS := python3.13 python3.12 python3.11 python3 python
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet install
COMPILE := $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-header --no-annotate

.DELETE_ON_ERROR:
.PHONY: help demo run test bench fuzz mutants torture rehearse pictures lint format check lock clean

help:
	@echo "make demo    thử chương trình trong trình duyệt, không cần tài khoản nào"
	@echo "make run     chạy thật, theo thiết lập trong .env"
	@echo "make test    chạy toàn bộ kiểm thử"
	@echo "make bench   đo tốc độ, cạnh một mốc so sánh trong cùng lần chạy"
	@echo "make fuzz    đưa vào mọi cửa những nội dung kỳ lạ, xem có chỗ nào hỏng không (khoảng một giờ)"
	@echo "make torture tắt ngang chương trình nhiều lần khi tin đang đến từ mọi kênh (khoảng một giờ)"
	@echo "make mutants sửa thử từng chỗ trong catalogue/, xem kiểm thử có phát hiện không (lâu; docs/mutants.md)"
	@echo "make rehearse  chạy thử 20 đợt với người, sự cố, đồng hồ giả; ghi kết quả vào docs/reminding.md"
	@echo "make check   kiểm tra định dạng, kiểu, ranh giới giữa các phần, rồi kiểm thử"
	@echo "make pictures  chụp lại hình minh họa trong docs/pictures"
	@echo "make format  sửa định dạng mã nguồn"
	@echo "make lock    ghi lại phiên bản các thư viện"
	@echo "make clean   xóa môi trường Python đã tạo"

demo: $(VENV)/.runtime
	@$(BIN)/nhachan demo $(ARGS)

run: $(VENV)/.runtime
	@$(BIN)/nhachan run $(ARGS)

test: $(VENV)/.development
	$(BIN)/python -m pytest -n auto --dist worksteal $(if $(NOTHING_SKIPPED),-p tests.nothing_skipped) $(ARGS)

BENCHES ?= answers turn papers board start memory growth notice intake envelopes
bench: $(VENV)/.bench
	@for bench in $(BENCHES); do echo "--- $$bench"; $(BIN)/python -m bench.$$bench || exit 1; done

mutants: $(VENV)/.mutants
	$(BIN)/python -m tests.mutation $(ARGS)

fuzz: $(VENV)/.fuzz
	$(BIN)/python -m tests.fuzz $(ARGS)

torture: $(VENV)/.development
	$(BIN)/python -m tests.torture $(ARGS)

rehearse: $(VENV)/.runtime
	$(BIN)/python -m bench.rehearse $(ARGS)

pictures: $(VENV)/.development
	PICTURES=docs/pictures $(BIN)/python -m pytest tests/browser/test_story.py tests/browser/test_papers.py tests/browser/test_board.py

lint: $(VENV)/.development
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.development
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

check: lint test

lock: $(VENV)/.development
	$(COMPILE) --group build --output-file requirements.lock $(ARGS)
	$(COMPILE) --group dev --constraint requirements.lock --output-file requirements-dev.lock $(ARGS)

clean:
	rm -rf $(VENV)

$(VENV)/.runtime: requirements.lock pyproject.toml | $(BIN)/python
	@echo "Đang cài các thư viện; lần đầu mất khoảng một phút."
	@$(PIP) --require-hashes -r requirements.lock
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.development: requirements-dev.lock $(VENV)/.runtime
	@$(PIP) --require-hashes -r requirements-dev.lock
	@touch $@

$(VENV)/.bench: $(VENV)/.development # those beside whom we are measured
	@$(PIP) aiogram==3.31.0
	@touch $@

$(VENV)/.fuzz: $(VENV)/.development # only for Linux and macOS
	@$(PIP) atheris==3.0.0
	@touch $@

$(VENV)/.mutants: $(VENV)/.development
	@$(PIP) mutmut==3.8.1
	@touch $@

$(BIN)/python:
	@for python in $(PYTHONS); do \
		$$python -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
		exec $$python -m venv $(VENV); \
	done; \
	echo "Cần Python 3.11 trở lên, kèm mô-đun venv (trên Debian, Ubuntu: apt install python3-venv); đề nghị cài rồi chạy lại." >&2; \
	exit 1
