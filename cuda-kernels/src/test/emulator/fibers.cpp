#include "fibers.h"

#include <sys/mman.h>

#include <cstdio>
#include <cstdlib>
#include <vector>

#include "blocks.h"
#include "shared.h"

#if EMU_ASAN
#include <sanitizer/common_interface_defs.h>
#endif

#if !defined(__x86_64__)
#error "the fibers switch stacks in x86-64 assembly"
#endif

// Saves the callee-saved registers on this stack, its top in *save, and goes on where the other stack was left.
extern "C" void emuSwitch(void** save, void* to);
asm(R"(
.text
.globl emuSwitch
.hidden emuSwitch
.type emuSwitch,@function
emuSwitch:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.size emuSwitch,.-emuSwitch
)");

namespace emu {

struct Fiber {
  const void* stack;
  size_t bytes;
  void* top;
  void* fake;  // AddressSanitizer's notes on this stack
  void (*body)();
};

namespace {

#if EMU_ASAN
constexpr size_t kStack = 512 * 1024;
#else
constexpr size_t kStack = 64 * 1024;
#endif

Fiber fibers[kResident * kMaxThreads];
size_t made;
std::vector<Fiber*> idle;
Fiber scheduler;
Fiber* current;

void switchTo(Fiber& from, Fiber& to) {
#if EMU_ASAN
  __sanitizer_start_switch_fiber(&from.fake, to.stack, to.bytes);
  emuSwitch(&from.top, to.top);
  // A fiber comes from the scheduler, which has another stack whenever another thread of the process runs kernels.
  bool isFiber = &from != &scheduler;
  __sanitizer_finish_switch_fiber(from.fake, isFiber ? &scheduler.stack : nullptr, isFiber ? &scheduler.bytes : nullptr);
#else
  emuSwitch(&from.top, to.top);
#endif
}

void fiberMain() {
#if EMU_ASAN
  __sanitizer_finish_switch_fiber(nullptr, &scheduler.stack, &scheduler.bytes);
#endif
  current->body();
}

void begin(Fiber& f) {
  if (f.stack == nullptr) {
    f.stack = mmap(nullptr, kStack, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    f.bytes = kStack;
    if (f.stack == MAP_FAILED) {
      fprintf(stderr, "emulated driver: no memory for stacks\n");
      abort();
    }
  }
  char* bottom = static_cast<char*>(const_cast<void*>(f.stack));
#if EMU_ASAN
  ASAN_UNPOISON_MEMORY_REGION(bottom, kStack);
#endif
  void** top = reinterpret_cast<void**>(bottom + kStack);
  *--top = nullptr;  // so that fiberMain begins with the alignment of a called function
  *--top = reinterpret_cast<void*>(&fiberMain);
  for (int i = 0; i < 6; i++) *--top = nullptr;
  f.top = top;
  f.fake = nullptr;
}

}  // namespace

Fiber* takeFiber(void (*body)()) {
  if (idle.empty()) {
    Fiber& f = fibers[made++];
    begin(f);
    f.body = body;
    return &f;
  }
  Fiber* f = idle.back();
  idle.pop_back();
  return f;
}

void giveFiber(Fiber* fiber) { idle.push_back(fiber); }

void abandonFibers() {
  idle.clear();
  for (size_t i = 0; i < made; i++) {
    begin(fibers[i]);
    idle.push_back(&fibers[i]);
  }
}

void enter(Fiber* fiber) {
  current = fiber;
  switchTo(scheduler, *fiber);
}

void leave(Fiber* fiber) { switchTo(*fiber, scheduler); }

}  // namespace emu
