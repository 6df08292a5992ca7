"""What becomes due by itself, for whom?"""
