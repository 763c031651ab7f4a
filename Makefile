# The two commands of the README, `make run` and `make test`, do all the set-up; the others are steps of them.
.PHONY: run test build setup bench clean

SWIFT_BUILD = swift build -c release --explicit-target-dependency-import-check error

run: build
	@if [ -t 0 ] && [ -t 1 ]; then .build/release/trainyard; else .build/release/trainyard quickstart --yes; fi

build: setup
	$(SWIFT_BUILD) --product trainyard

# Numeric tests need optimised code. Within a process they run one at a time: they share the one thread pool.
# Their flags differ from the program's, so they have a build folder of their own and neither rebuilds the other.
TEST_FLAGS = -c release --scratch-path .build-test -Xswiftc -enable-testing

# A stack without lines still names its functions.
test: setup
	swift build $(TEST_FLAGS) --explicit-target-dependency-import-check error --build-tests -debug-info-format none
	@scripts/run-tests $(TEST_FLAGS)

setup:
	@scripts/setup

bench: setup
	Benchmarks/compare

clean:
	swift package clean
