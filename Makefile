# The two commands of the README, `make run` and `make test`, do all the set-up; the others are steps of them.
.PHONY: run test build setup bench clean

SWIFT_BUILD = swift build -c release --explicit-target-dependency-import-check error

run: build
	@if [ -t 0 ] && [ -t 1 ]; then .build/release/trainyard; else .build/release/trainyard quickstart --yes; fi

build: setup
	$(SWIFT_BUILD) --product trainyard

# Numeric tests need optimised code, and one at a time: they share the one thread pool.
test: setup
	$(SWIFT_BUILD) -Xswiftc -enable-testing --build-tests
	swift test -c release -Xswiftc -enable-testing --skip-build --no-parallel

setup:
	@scripts/setup

bench: setup
	swift run -c release --package-path Benchmarks benchmark

clean:
	swift package clean
