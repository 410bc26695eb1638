#include "blocks.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <random>
#include <vector>

#include "fibers.h"
#include "shared.h"

namespace emu {

Thread* self;
uint3 block;
dim3 blockSize;
dim3 gridSize;

namespace {

constexpr int kEverybody = -2;

enum class State { ready, atBarrier, inWarp, done };

struct Lane : Thread {
  State state;
  Fiber* fiber;
  int number;
  Place place;  // of the barrier at which it waits
  // What this thread brought to a warp operation, and what it gets from it.
  unsigned mask;
  int operation;
  uint64_t value;
  int from;
  uint64_t result;
  uint64_t all[32];
};

// A block that is on the pretended device.
struct Resident {
  bool active;
  uint3 index;
  std::vector<int> warps;  // in their order; the last one is slow, if one is
  int slow;                // its number, or kNone
  int passed;              // barriers
  Lane lanes[kMaxThreads];
};

Resident residents[kResident];
Lane* lanes;  // of the block whose turn it is
int threads;  // in each block
int firstSlow;
constexpr int kNone = -1;
constexpr int kMostAhead = 3;  // barriers that a block may be ahead of another one
const Kernel* kernel;
void** arguments;
Order order = Order::ascending;
std::mt19937 random_(1);
std::string fault;

Lane* current() { return static_cast<Lane*>(self); }

void yield() { leave(current()->fiber); }

// What a fiber does: it runs threads, one after the other, as it is given them.
void runThreads() {
  for (;;) {
    kernel->call(arguments);
    current()->state = State::done;
    yield();
  }
}

void resume(Lane& lane) {
  if (lane.fiber == nullptr) lane.fiber = takeFiber(runThreads);
  self = &lane;
  enter(lane.fiber);
  self = nullptr;
  if (lane.state == State::done) {
    giveFiber(lane.fiber);
    lane.fiber = nullptr;
  }
}

// Lets the lanes of a warp go on whose operation everybody they wait for has reached.
bool releaseWarp(int first) {
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
      if (other.from == kEverybody) {
        for (int i = 0; i < 32 && first + i < threads; i++) other.all[i] = lanes[first + i].value;
      } else if (other.operation == 5) {
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

std::string at(const std::string& what) {
  char text[160];
  snprintf(text, sizeof text, "kernel %s, block (%u, %u, %u): ", kernel->name, block.x, block.y, block.z);
  return text + what;
}

std::string toString(const Place& p) {
  std::string file = p.file;
  return file.substr(file.rfind('/') + 1) + ":" + std::to_string(p.line);
}

// 0 .. n - 1 in the order of threads and warps.
std::vector<int> sequenceOf(int n) {
  std::vector<int> sequence(n);
  std::iota(sequence.begin(), sequence.end(), 0);
  if (order == Order::descending) std::reverse(sequence.begin(), sequence.end());
  return sequence;
}

// Runs a warp until its threads have returned or wait at a barrier, in the shuffled order perhaps not as far. So one
// warp gets as far ahead of the others as barriers let it.
void runWarp(int first) {
  std::vector<int> sequence = sequenceOf(32);
  do {
    if (order == Order::shuffled) std::shuffle(sequence.begin(), sequence.end(), random_);
    for (int l : sequence) {
      if (first + l < threads && lanes[first + l].state == State::ready) {
        resume(lanes[first + l]);
        if (!fault.empty()) return;
      }
    }
  } while (releaseWarp(first) && (order != Order::shuffled || random_() % 2 == 0));
}

// What is wrong where every thread has returned or waits; nothing if all of them are at the same barrier.
std::string deadlock() {
  int done = 0, waiting = 0;
  const Lane* first = nullptr;
  const Lane* elsewhere = nullptr;
  for (int i = 0; i < threads; i++) {
    done += lanes[i].state == State::done;
    if (lanes[i].state != State::atBarrier) continue;
    waiting++;
    if (first == nullptr) first = &lanes[i];
    if (!(lanes[i].place == first->place)) elsewhere = &lanes[i];
  }
  if (waiting + done < threads) {
    return "the threads wait for each other: " + std::to_string(waiting) + " at __syncthreads(), " +
           std::to_string(threads - done - waiting) + " in a warp operation, " + std::to_string(done) + " returned";
  }
  if (done > 0) {
    return std::to_string(waiting) + " of " + std::to_string(threads) + " threads reached __syncthreads() of " +
           toString(first->place) + ", the others had returned";
  }
  if (elsewhere != nullptr) {
    return "threads are at different calls of __syncthreads(): " + toString(first->place) + " and " +
           toString(elsewhere->place);
  }
  return "";
}

bool has(State s) {
  return std::any_of(lanes, lanes + threads, [=](const Lane& l) { return l.state == s; });
}

void orderWarps(Resident& r) {
  if (order != Order::shuffled) return;
  std::shuffle(r.warps.begin(), r.warps.end(), random_);
  int warps = static_cast<int>(r.warps.size());
  r.slow = random_() % 2 == 0 && warps > firstSlow ? firstSlow + static_cast<int>(random_() % (warps - firstSlow)) : kNone;
  auto slow = std::find(r.warps.begin(), r.warps.end(), r.slow);
  if (slow != r.warps.end()) std::iter_swap(slow, r.warps.end() - 1);
}

Resident* begin(uint64_t i) {
  Resident* r = std::find_if(residents, residents + kResident, [](const Resident& s) { return !s.active; });
  r->active = true;
  r->index = {static_cast<unsigned>(i % gridSize.x), static_cast<unsigned>(i / gridSize.x % gridSize.y),
              static_cast<unsigned>(i / gridSize.x / gridSize.y)};
  r->warps = sequenceOf((threads + 31) / 32);
  r->slow = kNone;
  r->passed = 0;
  orderWarps(*r);
  selectShared(r - residents);
  poisonShared();
  for (int l = 0; l < threads; l++) {
    Lane& lane = r->lanes[l];
    unsigned n = l, x = blockSize.x, y = blockSize.y;
    lane.index = {n % x, n / x % y, n / (x * y)};
    lane.state = State::ready;
    lane.fiber = nullptr;
    lane.number = l;
  }
  return r;
}

// What comes next in a block of which no thread can go on: it is done, or all go on behind a barrier, or it is stuck.
void settle(Resident& r) {
  if (!has(State::atBarrier) && !has(State::inWarp)) {
    r.active = false;
    std::string damage = damagedShared();
    if (!damage.empty()) fault = at(damage);
    return;
  }
  std::string wrong = deadlock();
  if (!wrong.empty()) fault = at(wrong);
  for (int i = 0; i < threads; i++) lanes[i].state = State::ready;
  r.passed++;
  orderWarps(r);
}

// Gives a turn to the warps of a block, all but the slow one, or to that one. False if they cannot go on.
bool turn(Resident& r, bool slow) {
  lanes = r.lanes;
  block = r.index;
  selectShared(&r - residents);
  bool any = false;
  for (int w : r.warps) {
    int first = 32 * w;
    const Lane* end = lanes + std::min(first + 32, threads);
    if ((w == r.slow) != slow) continue;
    if (std::none_of<const Lane*>(lanes + first, end, [](const Lane& l) { return l.state == State::ready; })) continue;
    any = true;
    runWarp(first);
    if (!fault.empty()) return true;
  }
  if (any && !has(State::ready)) settle(r);
  return any;
}

// Gives turns to the blocks that have passed so many barriers. False if they cannot go on.
bool turns(const std::vector<Resident*>& present, int passed, bool slow) {
  bool any = false;
  for (Resident* r : present) {
    if (r->passed != passed) continue;
    any |= turn(*r, slow);
    if (!fault.empty() || (slow && any)) return true;
  }
  return any;
}

// The i-th block to run, of so many.
struct BlockOrder {
  uint64_t blocks, factor = 1, shift = 0;

  explicit BlockOrder(uint64_t n) : blocks(n) {
    if (order == Order::descending) {
      factor = n - 1;
      shift = n - 1;
    } else if (order == Order::shuffled) {
      shift = random_() % n;
      do {
        factor = random_() % n;
      } while (std::gcd(factor, n) != 1);
    }
  }

  uint64_t operator()(uint64_t i) const { return (i * factor + shift) % blocks; }
};

}  // namespace

void setOrder(Order o, unsigned seed) {
  if (o != order) random_.seed(seed);
  order = o;
}

std::string run(const Kernel& k, dim3 grid, dim3 dims, size_t dynamicBytes, void** args) {
  watchSignals();
  kernel = &k;
  arguments = args;
  gridSize = grid;
  blockSize = dims;
  fault.clear();
  reserveDynamicShared(dynamicBytes);
  threads = static_cast<int>(dims.x * dims.y * dims.z);
  uint64_t blocks = static_cast<uint64_t>(grid.x) * grid.y * grid.z;
  BlockOrder blockOrder(blocks);
  // In the shuffled order several blocks are on the device together, as on a GPU; else one runs after the other. Some have
  // a slow warp, for which the others wait only when nobody can go on. So a block comes to what is behind a barrier while
  // there are warps of other blocks that have not come to it: in every second launch not those of the first threads, which
  // usually tell others that their block is done.
  size_t together = order == Order::shuffled ? kResident : 1;
  firstSlow = 1 - firstSlow;
  for (Resident& r : residents) r.active = false;
  std::vector<Resident*> present;
  uint64_t begun = 0;
  while (fault.empty() && (!present.empty() || begun < blocks)) {
    while (present.size() < together && begun < blocks) present.push_back(begin(blockOrder(begun++)));
    if (order == Order::shuffled) std::shuffle(present.begin(), present.end(), random_);
    int passed = present[0]->passed;
    for (const Resident* r : present) passed = std::min(passed, r->passed);
    bool any = false;
    for (int ahead = 0; ahead <= kMostAhead && !any; ahead++) any = turns(present, passed + ahead, false);
    if (!any) turns(present, passed, true);
    present.erase(std::remove_if(present.begin(), present.end(), [](Resident* r) { return !r->active; }), present.end());
  }
  if (!fault.empty()) abandonFibers();
  return fault;
}

void failThread(const std::string& what) {
  fault = at(what);
  yield();
  abort();  // nobody goes on with a thread after a fault
}

bool inThread() { return self != nullptr; }

void barrier(const char* file, int line) {
  current()->place = {file, line};
  current()->state = State::atBarrier;
  yield();
}

uint64_t exchange(unsigned mask, int operation, uint64_t value, int from) {
  Lane* lane = current();
  if (!(mask >> emu::lane() & 1)) failThread("a thread is not in the mask of its own warp operation");
  lane->mask = mask;
  lane->operation = operation;
  lane->value = value;
  lane->from = from;
  lane->state = State::inWarp;
  yield();
  return lane->result;
}

const uint64_t* exchangeAll(int operation, uint64_t value) {
  exchange(0xffffffffu, operation, value, kEverybody);
  return current()->all;
}

unsigned vote(unsigned mask, bool predicate) { return static_cast<unsigned>(exchange(mask, 5, predicate, 0)); }

int lane() { return current()->number & 31; }

}  // namespace emu
