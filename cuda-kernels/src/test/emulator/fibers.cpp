#include "fibers.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <vector>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#define EMU_ASAN 1
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

Thread* self;
uint3 block;
dim3 blockSize;
dim3 gridSize;

namespace {

#if EMU_ASAN
constexpr size_t kStack = 512 * 1024;
#else
constexpr size_t kStack = 64 * 1024;
#endif

enum class State { ready, atBarrier, inWarp, done };

struct Fiber {
  char* stack;
  void* top;
  void* fake;  // AddressSanitizer's notes on this stack
};

struct Lane : Thread {
  State state;
  Fiber* fiber;
  int number;
  // What this thread brought to a warp operation, and what it gets from it.
  unsigned mask;
  int operation;
  uint64_t value;
  int from;
  uint64_t result;
};

Lane lanes[kMaxThreads];
Fiber fibers[kMaxThreads];
std::vector<Fiber*> idle;
Fiber scheduler;
const Kernel* kernel;
void** arguments;
Order order = Order::ascending;
std::mt19937 random_(1);

// The block's shared memory: the variables one after another, a guard behind each.
constexpr size_t kGuard = 64;
constexpr unsigned char kGuardByte = 0xEE;
constexpr unsigned char kPoison = 0xFF;  // NaN as float, -1 as integer
struct Variable {
  const void* key;
  char* at;
  size_t bytes;
};
alignas(256) char sharedMemory[kStaticShared + 64 * kGuard];
alignas(256) char dynamicMemory[kDynamicShared + kGuard];
std::vector<Variable> variables;
size_t sharedUsed;
size_t sharedBytes;
size_t dynamicBytes;
std::string fault;

void switchTo(Fiber& from, Fiber& to, bool ends = false) {
#if EMU_ASAN
  __sanitizer_start_switch_fiber(ends ? nullptr : &from.fake, to.stack, kStack);
  emuSwitch(&from.top, to.top);
  __sanitizer_finish_switch_fiber(from.fake, nullptr, nullptr);
#else
  (void)ends;
  emuSwitch(&from.top, to.top);
#endif
}

Lane* current() { return static_cast<Lane*>(self); }

void yield() {
  Lane* lane = current();
  switchTo(*lane->fiber, scheduler);
}

// A fiber runs threads until the process ends: the scheduler hands it the next one when it has done one.
void fiberMain() {
#if EMU_ASAN
  const void* bottom;
  size_t size;
  __sanitizer_finish_switch_fiber(nullptr, &bottom, &size);
  if (scheduler.stack == nullptr) scheduler.stack = static_cast<char*>(const_cast<void*>(bottom));
#endif
  for (;;) {
    kernel->call(arguments);
    current()->state = State::done;
    yield();
  }
}

void prepare(Fiber& f) {
  if (f.stack == nullptr) {
    f.stack = static_cast<char*>(
        mmap(nullptr, kStack, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
    if (f.stack == MAP_FAILED) {
      fprintf(stderr, "emulated driver: no memory for stacks\n");
      abort();
    }
  }
  void** top = reinterpret_cast<void**>(f.stack + kStack);
  *--top = nullptr;  // so that fiberMain begins with the alignment of a called function
  *--top = reinterpret_cast<void*>(&fiberMain);
  for (int i = 0; i < 6; i++) *--top = nullptr;
  f.top = top;
}

size_t made;

Fiber* takeFiber() {
  if (idle.empty()) {
    prepare(fibers[made]);
    return &fibers[made++];
  }
  Fiber* f = idle.back();
  idle.pop_back();
  return f;
}

// After a fault, threads are still waiting: their stacks are begun anew. Kernels have nothing to be destroyed.
void abandonFibers() {
  idle.clear();
  for (size_t i = 0; i < made; i++) {
    prepare(fibers[i]);
    idle.push_back(&fibers[i]);
  }
}

void resume(Lane& lane) {
  if (lane.fiber == nullptr) lane.fiber = takeFiber();
  self = &lane;
  switchTo(scheduler, *lane.fiber);
  if (lane.state == State::done) {
    idle.push_back(lane.fiber);
    lane.fiber = nullptr;
  }
}

// Lets the lanes of a warp go on whose operation everybody they wait for has reached.
bool releaseWarp(int first, int threads) {
  bool released = false;
  for (int l = 0; l < 32 && first + l < threads; l++) {
    Lane& lane = lanes[first + l];
    if (lane.state != State::inWarp) continue;
    bool complete = true;
    for (int k = 0; k < 32 && complete; k++) {
      if (!(lane.mask >> k & 1) || first + k >= threads) continue;
      const Lane& other = lanes[first + k];
      complete = other.state == State::done ||
                 (other.state == State::inWarp && other.mask == lane.mask && other.operation == lane.operation);
    }
    if (!complete) continue;
    unsigned ballot = 0;
    for (int k = 0; k < 32 && first + k < threads; k++) {
      if ((lane.mask >> k & 1) && lanes[first + k].state == State::inWarp && lanes[first + k].value != 0) ballot |= 1u << k;
    }
    for (int k = 0; k < 32 && first + k < threads; k++) {
      if (!(lane.mask >> k & 1) || lanes[first + k].state != State::inWarp) continue;
      Lane& other = lanes[first + k];
      if (other.operation == 5) {
        other.result = ballot;
      } else {
        bool known = other.from >= 0 && other.from < 32 && (lane.mask >> other.from & 1) && first + other.from < threads &&
                     lanes[first + other.from].state != State::done;
        other.result = known ? lanes[first + other.from].value : ~uint64_t{0};
      }
    }
    unsigned mask = lane.mask;
    for (int k = 0; k < 32 && first + k < threads; k++) {
      if ((mask >> k & 1) && lanes[first + k].state == State::inWarp) lanes[first + k].state = State::ready;
    }
    released = true;
  }
  return released;
}

std::string at(const char* what) {
  char text[400];
  snprintf(text, sizeof text, "kernel %s, block (%u, %u, %u): %s", kernel->name, block.x, block.y, block.z, what);
  return text;
}

void poisonShared() {
#if EMU_ASAN
  ASAN_UNPOISON_MEMORY_REGION(sharedMemory, sizeof sharedMemory);
  ASAN_UNPOISON_MEMORY_REGION(dynamicMemory, sizeof dynamicMemory);
#endif
  memset(dynamicMemory, kPoison, dynamicBytes);
  memset(dynamicMemory + dynamicBytes, kGuardByte, kGuard);
#if EMU_ASAN
  ASAN_POISON_MEMORY_REGION(dynamicMemory + dynamicBytes, sizeof dynamicMemory - dynamicBytes);
#endif
  variables.clear();
  sharedUsed = 0;
  sharedBytes = 0;
}

bool isGuard(const char* p) {
  return std::all_of(p, p + kGuard, [](char c) { return static_cast<unsigned char>(c) == kGuardByte; });
}

void checkGuards() {
#if !EMU_ASAN
  for (const Variable& v : variables) {
    if (!isGuard(v.at + v.bytes)) fault = at("wrote behind a variable in shared memory");
  }
  if (!isGuard(dynamicMemory + dynamicBytes)) fault = at("wrote behind the dynamic shared memory");
#endif
}

// One block, until all its threads have returned or something is wrong.
void runBlock(int threads, std::vector<int>& sequence) {
  poisonShared();
  for (int i = 0; i < threads; i++) {
    Lane& lane = lanes[i];
    unsigned x = blockSize.x, y = blockSize.y;
    lane.index = {i % x, i / x % y, i / (x * y)};
    lane.state = State::ready;
    lane.fiber = nullptr;
    lane.number = i;
  }
  for (;;) {
    if (order == Order::shuffled) std::shuffle(sequence.begin(), sequence.end(), random_);
    bool progress = false;
    for (int i : sequence) {
      if (lanes[i].state == State::ready) {
        progress = true;
        resume(lanes[i]);
        if (!fault.empty()) return;
      }
    }
    int done = 0, waiting = 0;
    for (int i = 0; i < threads; i++) {
      done += lanes[i].state == State::done;
      waiting += lanes[i].state == State::atBarrier;
    }
    if (done == threads) break;
    for (int w = 0; w < threads; w += 32) progress |= releaseWarp(w, threads);
    if (waiting > 0 && waiting == threads - done) {
      if (done > 0) {
        char text[120];
        snprintf(text, sizeof text, "%d of %d threads reached __syncthreads(), the others had returned", waiting, threads);
        fault = at(text);
        return;
      }
      for (int i = 0; i < threads; i++) lanes[i].state = State::ready;
      progress = true;
    }
    if (!progress) {
      char text[160];
      snprintf(text, sizeof text, "the threads wait for each other: %d at __syncthreads(), %d in a warp operation, %d returned",
               waiting, threads - done - waiting, done);
      fault = at(text);
      return;
    }
  }
  checkGuards();
}

}  // namespace

void setOrder(Order o, unsigned seed) {
  order = o;
  random_.seed(seed);
}

std::string run(const Kernel& k, dim3 grid, dim3 dims, size_t dynamic, void** args) {
  kernel = &k;
  arguments = args;
  gridSize = grid;
  blockSize = dims;
  dynamicBytes = dynamic;
  fault.clear();
  int threads = static_cast<int>(dims.x * dims.y * dims.z);
  std::vector<int> sequence(threads);
  for (int i = 0; i < threads; i++) sequence[i] = order == Order::descending ? threads - 1 - i : i;
  uint64_t blocks = static_cast<uint64_t>(grid.x) * grid.y * grid.z;
  for (uint64_t j = 0; j < blocks && fault.empty(); j++) {
    uint64_t i = order == Order::descending ? blocks - 1 - j : j;
    block = {static_cast<unsigned>(i % grid.x), static_cast<unsigned>(i / grid.x % grid.y),
             static_cast<unsigned>(i / grid.x / grid.y)};
    runBlock(threads, sequence);
  }
  if (!fault.empty()) abandonFibers();
  return fault;
}

void* shared(const void* key, size_t bytes) {
  for (const Variable& v : variables) {
    if (v.key == key) return v.at;
  }
  size_t rounded = (bytes + 15) / 16 * 16;
  sharedBytes += rounded;
  if (sharedBytes > kStaticShared || sharedUsed + rounded + kGuard > sizeof sharedMemory) {
    fault = at("more than 48 KB of static shared memory");
    current()->state = State::atBarrier;
    yield();
  }
  char* p = sharedMemory + sharedUsed;
  memset(p, kPoison, bytes);
  memset(p + bytes, kGuardByte, rounded - bytes + kGuard);
#if EMU_ASAN
  ASAN_POISON_MEMORY_REGION(p + bytes, rounded - bytes + kGuard);
#endif
  sharedUsed += rounded + kGuard;
  variables.push_back({key, p, bytes});
  return p;
}

void* dynamicShared() { return dynamicMemory; }

void barrier() {
  current()->state = State::atBarrier;
  yield();
}

uint64_t exchange(unsigned mask, int operation, uint64_t value, int from) {
  Lane* lane = current();
  lane->mask = mask;
  lane->operation = operation;
  lane->value = value;
  lane->from = from;
  lane->state = State::inWarp;
  yield();
  return lane->result;
}

unsigned vote(unsigned mask, bool predicate) { return static_cast<unsigned>(exchange(mask, 5, predicate, 0)); }

int lane() { return current()->number & 31; }

}  // namespace emu
