// A libcuda.so.1 that runs kernels on the CPU: the part of the driver API that Cortado uses, so that JCudaDriver and all
// of our Java code run unchanged on a machine without a GPU.
//
// As on a GPU, what is put on a stream runs later: here, when somebody waits for it. So a host read that nobody waited
// for finds old values, and a staging buffer that is overwritten too early spoils the copy. Device memory holds NaN
// until written and has a guard in front and behind, looked at after every kernel. Errors stick to the next call that
// waits, and say more than a driver would.
#include <dlfcn.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "blocks.h"
#include "device_memory.h"

#define EXPORT extern "C" __attribute__((visibility("default")))

namespace {

using Result = int;
using DevicePointer = unsigned long long;

enum : Result {
  kSuccess = 0,
  kInvalidValue = 1,
  kOutOfMemory = 2,
  kInvalidContext = 201,
  kInvalidPtx = 218,
  kUnsupportedPtx = 222,
  kNotFound = 500,
  kIllegalAddress = 700,
  kLaunchFailed = 719,
  kStreamCaptureUnsupported = 900,
  kStreamCaptureInvalidated = 901,
  kStreamCaptureImplicit = 906,
};

constexpr int kNonBlocking = 1;
constexpr unsigned char kPoison = 0xFF;

std::recursive_mutex lock;
using Locked = std::lock_guard<std::recursive_mutex>;

std::map<std::string, emu::Kernel>& kernels() {
  static std::map<std::string, emu::Kernel> all;
  return all;
}

struct Operation {
  std::function<Result()> run;
  int type;  // as cuGraphNodeGetType: 0 kernel, 1 memcpy, 2 memset, 6 event
};

struct Graph {
  std::vector<Operation> nodes;
};

struct Stream {
  bool blocking;
  std::deque<Operation> pending;
  Graph* capture = nullptr;
  bool captureBroken = false;
};

struct Event {
  double seconds = 0;
};

struct Module {
  std::string image;
};

std::map<char*, size_t> pinned;
std::set<Stream*> streams;
size_t memoryLimit = size_t{2} << 30;
// Few, so that loops over a grid go round more than once, those over four elements at a time too.
int multiprocessors = 3;
int capability = 75;
int driverVersion = 13000;
bool eager = false;
Result sticky = kSuccess;
std::string stickyMessage;
thread_local std::string lastMessage;
thread_local void* context = nullptr;

// On a GPU a context does not survive a kernel's fault: with errorsStay, neither does the emulated one, and every later
// call that needs it gives the same error. Without it the error is told once, so that a test can go on after it.
bool errorsStay = false;
Result broken = kSuccess;
std::string brokenMessage;

Result fail(Result code, const std::string& message) {
  lastMessage = message;
  if (errorsStay && broken == kSuccess && (code == kIllegalAddress || code == kLaunchFailed)) {
    broken = code;
    brokenMessage = message;
  }
  return code;
}

bool isCapturing() {
  for (Stream* s : streams) {
    if (s->capture != nullptr) return true;
  }
  return false;
}

void breakCaptures() {
  for (Stream* s : streams) {
    if (s->capture != nullptr) s->captureBroken = true;
  }
}

// What a capture does not survive. A driver permits some of it to a relaxed capture, but which depends on its version and
// on what the call makes it do, such as loading a kernel late.
#define NOT_IN_A_CAPTURE(what)                                                                          \
  if (isCapturing()) {                                                                                  \
    breakCaptures();                                                                                    \
    return fail(kStreamCaptureUnsupported, what " is not permitted while a stream is being captured"); \
  }

Result flush(Stream* s) {
  while (!s->pending.empty() && sticky == kSuccess && broken == kSuccess) {
    Operation operation = std::move(s->pending.front());
    s->pending.pop_front();
    Result r = operation.run();
    if (r != kSuccess) {
      sticky = r;
      stickyMessage = lastMessage;
      s->pending.clear();
    }
  }
  return sticky;
}

Result flushAll() {
  for (Stream* s : streams) flush(s);
  return sticky;
}

// Returns the error that is waiting to be told, once.
Result told(Result r) {
  if (r == kSuccess) r = sticky;
  if (r == sticky && r != kSuccess) lastMessage = stickyMessage;
  sticky = kSuccess;
  return r;
}

Stream* stream(void* handle) {
  static Stream legacy{true, {}, nullptr, false};
  return handle == nullptr ? &legacy : static_cast<Stream*>(handle);
}

Result enqueue(void* handle, int type, std::function<Result()> run) {
  Stream* s = stream(handle);
  if (s->capture != nullptr) {
    s->capture->nodes.push_back({std::move(run), type});
    return kSuccess;
  }
  if (handle == nullptr && isCapturing()) {
    breakCaptures();
    return fail(kStreamCaptureImplicit, "an operation on the default stream while another stream is being captured");
  }
  if (handle == nullptr || eager) {
    Result r = flush(s);
    return r != kSuccess ? told(r) : run();
  }
  s->pending.push_back({std::move(run), type});
  return kSuccess;
}

// A copy by a call without a stream: it does not wait for non-blocking streams, as in CUDA.
Result synchronous(const std::function<Result()>& run) {
  NOT_IN_A_CAPTURE("a copy without a stream");
  for (Stream* s : streams) {
    if (s->blocking) flush(s);
  }
  if (sticky != kSuccess) return told(kSuccess);
  return run();
}

Result copy(void* to, const void* from, size_t bytes, bool toDevice, bool fromDevice) {
  if ((toDevice && !emu::isDevice(to, bytes)) ||
      (fromDevice && !emu::isDevice(from, bytes))) {
    return fail(kIllegalAddress, "a copy of " + std::to_string(bytes) + " bytes leaves its allocation");
  }
  memmove(to, from, bytes);
  return kSuccess;
}

bool isPinned(const void* p) {
  auto next = pinned.upper_bound(static_cast<char*>(const_cast<void*>(p)));
  return next != pinned.begin() && static_cast<const char*>(p) < std::prev(next)->first + std::prev(next)->second;
}

template <class T> Result set(DevicePointer to, T value, size_t n) {
  T* p = reinterpret_cast<T*>(to);
  if (!emu::isDevice(p, n * sizeof(T))) return fail(kIllegalAddress, "a memset leaves its allocation");
  for (size_t i = 0; i < n; i++) p[i] = value;
  return kSuccess;
}

// The parameters of a kernel by the PTX text: as many `.param` lines as there are, with their sizes.
std::string checkAgainstPtx(const emu::Kernel& k, const std::string& image) {
  size_t at = image.find(std::string(".entry ") + k.name + "(");
  if (at == std::string::npos) return std::string("the module has no kernel ") + k.name;
  size_t end = image.find(')', at);
  std::vector<unsigned> sizes;
  for (size_t p = image.find(".param", at); p != std::string::npos && p < end; p = image.find(".param", p + 1)) {
    size_t line = image.find_first_of(",)\n", p);
    std::string text = image.substr(p, line - p);
    size_t bracket = text.find('[');
    if (bracket != std::string::npos) {
      sizes.push_back(static_cast<unsigned>(atoi(text.c_str() + bracket + 1)));
    } else {
      size_t digits = text.find_first_of("0123456789", text.find(" .") + 1);
      sizes.push_back(static_cast<unsigned>(atoi(text.c_str() + digits)) / 8);
    }
  }
  if (sizes.size() != k.count) {
    return std::string("the PTX of ") + k.name + " has " + std::to_string(sizes.size()) + " parameters, its source " +
           std::to_string(k.count);
  }
  for (unsigned i = 0; i < k.count; i++) {
    if (sizes[i] != k.sizes[i]) {
      return std::string("parameter ") + std::to_string(i) + " of " + k.name + " has " + std::to_string(sizes[i]) +
             " bytes in the PTX, " + std::to_string(k.sizes[i]) + " in the source";
    }
  }
  return "";
}

// The arguments of a launch, copied when it is made.
struct Arguments {
  std::vector<char> bytes;
  std::vector<void*> pointers;

  Arguments(const emu::Kernel& k, void** from) {
    size_t total = 0;
    for (unsigned i = 0; i < k.count; i++) total += (k.sizes[i] + 15) / 16 * 16;
    bytes.resize(total);
    size_t at = 0;
    for (unsigned i = 0; i < k.count; i++) {
      memcpy(bytes.data() + at, from[i], k.sizes[i]);
      pointers.push_back(bytes.data() + at);
      at += (k.sizes[i] + 15) / 16 * 16;
    }
  }
};

// Kernels that take the place of others: those of a library with one fault, loaded by a test.
using Kernels = std::map<std::string, emu::Kernel>;
std::map<std::string, Kernels> libraries;
Kernels* registering = nullptr;
Kernels replaced;

// What was launched, a line for each kernel with its number of threads.
constexpr size_t kMostLog = 64 * 1024;
std::string launchLog;

// Dynamic shared memory that kernels were allowed beyond the usual.
std::map<const void*, int> sharedAllowed;

// Kernels of the emulator itself, by which a test turns its knobs: they take one 64-bit integer and run at once.
Result setOrder(long long v) {
  emu::setOrder(static_cast<emu::Order>(v & 3), static_cast<unsigned>(v >> 2) + 1);
  return kSuccess;
}
Result setMemory(long long v) {
  memoryLimit = static_cast<size_t>(v);
  return kSuccess;
}
Result setEager(long long v) {
  eager = v != 0;
  return kSuccess;
}
Result setCapability(long long v) {
  capability = static_cast<int>(v);
  return kSuccess;
}
// How many multiprocessors a device has that is opened from now on.
Result setMultiprocessors(long long v) {
  if (v < 1) return fail(kInvalidValue, "a device has at least one multiprocessor");
  multiprocessors = static_cast<int>(v);
  return kSuccess;
}
// Whether errors stay; 0 mends a context that one has broken, as only a new process does on a GPU.
Result setSticky(long long v) {
  errorsStay = v != 0;
  broken = kSuccess;
  sticky = kSuccess;
  return kSuccess;
}

// The address of a text "LIBRARY\nNUMBER KERNEL KERNEL ...": the kernels of these names in the library's source of that
// number take the place of the driver's. An empty text puts all back.
Result setReplaced(long long v) {
  std::istringstream text(reinterpret_cast<const char*>(v));
  replaced.clear();
  std::string library, number, name;
  if (!std::getline(text, library)) return kSuccess;
  auto known = libraries.find(library);
  if (known == libraries.end()) {
    Kernels all;
    registering = &all;
    void* loaded = dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
    registering = nullptr;
    if (loaded == nullptr) return fail(kNotFound, dlerror());
    known = libraries.emplace(library, all).first;
  }
  text >> number;
  while (text >> name) {
    auto original = kernels().find(name);
    auto changed = known->second.find(number + "." + name);
    if (original == kernels().end() || changed == known->second.end()) return fail(kNotFound, library + " has no kernel " + name);
    replaced[name] = changed->second;
    replaced[name].name = original->second.name;
  }
  return kSuccess;
}

// The address of 64 KB, into which goes what was launched since this was last asked.
Result getLaunches(long long v) {
  char* to = reinterpret_cast<char*>(v);
  size_t n = std::min(launchLog.size(), kMostLog - 1);
  memcpy(to, launchLog.data(), n);
  to[n] = 0;
  launchLog.clear();
  return kSuccess;
}

// Names of the kernels that were launched.
std::set<std::string> launched;

// Writes those that were launched since this was last asked, apart by commas, to 64 KiB at v.
Result tellLaunched(long long v) {
  std::string all;
  for (const std::string& name : launched) all += (all.empty() ? "" : ",") + name;
  launched.clear();
  if (all.size() < 1 << 16) std::memcpy(reinterpret_cast<char*>(v), all.c_str(), all.size() + 1);
  return kSuccess;
}

// Modules that were loaded: the first line of each, and how many were being compiled at the same time at most.
std::string loads;
std::string brokenModule;
std::atomic<int> compileMilliseconds{0};
std::atomic<int> compiling{0};
std::atomic<int> mostCompiling{0};

// A driver that compiles while its process ends takes the process along.
struct Compilation {
  Compilation() {
    int now = ++compiling;
    int most = mostCompiling;
    while (now > most && !mostCompiling.compare_exchange_weak(most, now)) {
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(compileMilliseconds));
  }
  ~Compilation() { compiling--; }
};
struct End {
  ~End() {
    if (compiling == 0) return;
    fputs("the process ends while a module is being compiled\n", stderr);
    abort();
  }
} end;

// How long it takes to compile a module.
Result setCompileTime(long long milliseconds) {
  compileMilliseconds = static_cast<int>(milliseconds);
  return kSuccess;
}

// The address of a text: modules in which it stands cannot be compiled. An empty one lets all be compiled.
Result setBrokenModule(long long v) {
  brokenModule = reinterpret_cast<const char*>(v);
  return kSuccess;
}

// The address of 64 KB, into which goes what was loaded since this was last asked, behind a line with a number: how many
// modules were being compiled at the same time.
Result getLoads(long long v) {
  std::string all = std::to_string(mostCompiling) + "\n" + loads;
  size_t n = std::min(all.size(), kMostLog - 1);
  memcpy(reinterpret_cast<char*>(v), all.data(), n);
  reinterpret_cast<char*>(v)[n] = 0;
  loads.clear();
  mostCompiling = 0;
  return kSuccess;
}

struct Knob {
  const char* name;
  Result (*turn)(long long);
};
const Knob knobs[] = {{"emulator_order", setOrder},       {"emulator_memory", setMemory},
                      {"emulator_eager", setEager},       {"emulator_capability", setCapability},
                      {"emulator_replaced", setReplaced}, {"emulator_launches", getLaunches},
                      {"emulator_launched", tellLaunched}, {"emulator_sticky", setSticky},     {"emulator_multiprocessors", setMultiprocessors},
                      {"emulator_compile_time", setCompileTime}, {"emulator_broken_module", setBrokenModule},
                      {"emulator_loads", getLoads}};

}  // namespace

void emu::registerKernel(const Kernel& k) { (registering != nullptr ? *registering : kernels())[k.name] = k; }

// The driver API.

EXPORT Result cuInit(unsigned) { return kSuccess; }
EXPORT Result cuDriverGetVersion(int* v) { *v = driverVersion; return kSuccess; }
EXPORT Result cuDeviceGetCount(int* n) { *n = 1; return kSuccess; }
EXPORT Result cuDeviceGet(int* d, int ordinal) {
  *d = ordinal;
  return ordinal == 0 ? kSuccess : fail(101, "the emulated driver has one device");
}
EXPORT Result cuDeviceGetName(char* name, int n, int) {
  snprintf(name, static_cast<size_t>(n), "Cortado's emulated device");
  return kSuccess;
}
EXPORT Result cuDeviceTotalMem_v2(size_t* bytes, int) { *bytes = memoryLimit; return kSuccess; }
EXPORT Result cuDeviceGetAttribute(int* v, int attribute, int) {
  switch (attribute) {
    case 1: *v = emu::kMaxThreads; break;                              // threads in a block
    case 5: case 6: case 7: *v = attribute == 5 ? 2147483647 : 65535; break;  // grid x, y, z
    case 8: *v = static_cast<int>(emu::kStaticShared); break;           // shared memory in a block
    case 10: *v = 32; break;                                           // warp size
    case 13: *v = 1000000; break;                                      // clock, kHz
    case 16: *v = multiprocessors; break;
    case 36: *v = 1000000; break;                                      // memory clock, kHz
    case 37: *v = 256; break;                                          // memory bus, bits
    case 38: *v = 4 << 20; break;                                      // L2, bytes
    case 75: *v = capability / 10; break;
    case 76: *v = capability % 10; break;
    case 97: *v = static_cast<int>(emu::kDynamicShared); break;         // shared memory in a block, opt-in
    default: *v = 0;
  }
  return kSuccess;
}
EXPORT Result cuDevicePrimaryCtxRetain(void** c, int) { *c = reinterpret_cast<void*>(1); return kSuccess; }
EXPORT Result cuDevicePrimaryCtxRelease_v2(int) { return kSuccess; }
EXPORT Result cuCtxSetCurrent(void* c) { context = c; return kSuccess; }
EXPORT Result cuCtxGetCurrent(void** c) { *c = context; return kSuccess; }

#define NEEDS_CONTEXT                                                                            \
  if (context == nullptr) return fail(kInvalidContext, "no context is current on this thread"); \
  if (broken != kSuccess) return fail(broken, brokenMessage)

EXPORT Result cuCtxSynchronize() {
  NEEDS_CONTEXT;
  Locked l(lock);
  NOT_IN_A_CAPTURE("waiting for the device");
  return told(flushAll());
}

EXPORT Result cuMemAlloc_v2(DevicePointer* p, size_t bytes) {
  NEEDS_CONTEXT;
  Locked l(lock);
  NOT_IN_A_CAPTURE("taking device memory");
  if (bytes == 0) return fail(kInvalidValue, "an allocation of 0 bytes");
  char* at = emu::deviceMemoryUsed() + bytes > memoryLimit ? nullptr : emu::allocateDevice(bytes);
  if (at == nullptr) return fail(kOutOfMemory, "out of memory");
  *p = reinterpret_cast<DevicePointer>(at);
  return kSuccess;
}
EXPORT Result cuMemFree_v2(DevicePointer p) {
  NEEDS_CONTEXT;
  Locked l(lock);
  NOT_IN_A_CAPTURE("giving device memory back");
  Result r = told(flushAll());
  if (r != kSuccess) return r;
  return emu::freeDevice(reinterpret_cast<char*>(p)) ? kSuccess : fail(kInvalidValue, "freed what is not allocated");
}
EXPORT Result cuMemGetInfo_v2(size_t* free, size_t* total) {
  NEEDS_CONTEXT;
  *free = memoryLimit - emu::deviceMemoryUsed();
  *total = memoryLimit;
  return kSuccess;
}
EXPORT Result cuMemHostAlloc(void** p, size_t bytes, unsigned) {
  NEEDS_CONTEXT;
  Locked l(lock);
  NOT_IN_A_CAPTURE("taking page-locked memory");
  *p = malloc(bytes == 0 ? 1 : bytes);
  if (*p == nullptr) return fail(kOutOfMemory, "out of host memory");
  memset(*p, kPoison, bytes);
  pinned[static_cast<char*>(*p)] = bytes;
  return kSuccess;
}
EXPORT Result cuMemFreeHost(void* p) {
  NEEDS_CONTEXT;
  Locked l(lock);
  NOT_IN_A_CAPTURE("giving page-locked memory back");
  flushAll();
  pinned.erase(static_cast<char*>(p));
  free(p);
  return kSuccess;
}
EXPORT Result cuMemHostGetDevicePointer_v2(DevicePointer* d, void* p, unsigned) {
  NEEDS_CONTEXT;
  if (!isPinned(p)) return fail(kInvalidValue, "no device address for memory that is not page-locked");
  *d = reinterpret_cast<DevicePointer>(p);
  return kSuccess;
}

EXPORT Result cuMemcpyHtoD_v2(DevicePointer d, const void* s, size_t n) {
  NEEDS_CONTEXT;
  Locked l(lock);
  return synchronous([=] { return copy(reinterpret_cast<void*>(d), s, n, true, false); });
}
EXPORT Result cuMemcpyDtoH_v2(void* d, DevicePointer s, size_t n) {
  NEEDS_CONTEXT;
  Locked l(lock);
  return synchronous([=] { return copy(d, reinterpret_cast<void*>(s), n, false, true); });
}
EXPORT Result cuMemcpyHtoDAsync_v2(DevicePointer d, const void* s, size_t n, void* st) {
  NEEDS_CONTEXT;
  Locked l(lock);
  if (isPinned(s)) {
    return enqueue(st, 1, [=] { return copy(reinterpret_cast<void*>(d), s, n, true, false); });
  }
  NOT_IN_A_CAPTURE("a copy from memory that is not page-locked");
  auto bytes = std::make_shared<std::vector<char>>(static_cast<const char*>(s), static_cast<const char*>(s) + n);
  return enqueue(st, 1, [=] { return copy(reinterpret_cast<void*>(d), bytes->data(), n, true, false); });
}
EXPORT Result cuMemcpyDtoHAsync_v2(void* d, DevicePointer s, size_t n, void* st) {
  NEEDS_CONTEXT;
  Locked l(lock);
  if (!isPinned(d)) {
    NOT_IN_A_CAPTURE("a copy into memory that is not page-locked");
    return fail(kInvalidValue, "an asynchronous copy into memory that is not page-locked");
  }
  return enqueue(st, 1, [=] { return copy(d, reinterpret_cast<void*>(s), n, false, true); });
}
EXPORT Result cuMemcpyDtoDAsync_v2(DevicePointer d, DevicePointer s, size_t n, void* st) {
  NEEDS_CONTEXT;
  Locked l(lock);
  return enqueue(st, 1, [=] { return copy(reinterpret_cast<void*>(d), reinterpret_cast<void*>(s), n, true, true); });
}
EXPORT Result cuMemsetD8Async(DevicePointer d, unsigned char v, size_t n, void* st) {
  NEEDS_CONTEXT;
  Locked l(lock);
  return enqueue(st, 2, [=] { return set(d, v, n); });
}
EXPORT Result cuMemsetD32Async(DevicePointer d, unsigned v, size_t n, void* st) {
  NEEDS_CONTEXT;
  Locked l(lock);
  return enqueue(st, 2, [=] { return set(d, v, n); });
}

EXPORT Result cuStreamCreate(void** s, unsigned flags) {
  NEEDS_CONTEXT;
  Locked l(lock);
  Stream* made = new Stream{(flags & kNonBlocking) == 0, {}, nullptr, false};
  streams.insert(made);
  *s = made;
  return kSuccess;
}
EXPORT Result cuStreamDestroy_v2(void* s) {
  NEEDS_CONTEXT;
  Locked l(lock);
  flush(stream(s));
  streams.erase(stream(s));
  delete stream(s);
  return kSuccess;
}
EXPORT Result cuStreamSynchronize(void* s) {
  NEEDS_CONTEXT;
  Locked l(lock);
  if (stream(s)->capture != nullptr) {
    NOT_IN_A_CAPTURE("waiting for the stream");
  }
  return told(flush(stream(s)));
}
EXPORT Result cuStreamIsCapturing(void* s, int* status) {
  NEEDS_CONTEXT;
  *status = stream(s)->capture == nullptr ? 0 : stream(s)->captureBroken ? 2 : 1;
  return kSuccess;
}
EXPORT Result cuStreamBeginCapture_v2(void* s, int) {
  NEEDS_CONTEXT;
  Locked l(lock);
  if (s == nullptr) return fail(kStreamCaptureUnsupported, "the default stream cannot be captured");
  if (stream(s)->blocking) return fail(kStreamCaptureImplicit, "only a non-blocking stream is captured here");
  stream(s)->capture = new Graph;
  stream(s)->captureBroken = false;
  return kSuccess;
}
EXPORT Result cuStreamEndCapture(void* s, void** graph) {
  NEEDS_CONTEXT;
  Locked l(lock);
  Stream* st = stream(s);
  *graph = nullptr;
  if (st->capture == nullptr) return fail(kInvalidValue, "the stream is not being captured");
  Graph* g = st->capture;
  st->capture = nullptr;
  if (st->captureBroken) {
    delete g;
    return fail(kStreamCaptureInvalidated, "the capture was broken by an operation that is not permitted in it");
  }
  *graph = g;
  return kSuccess;
}

EXPORT Result cuGraphInstantiateWithFlags(void** exec, void* graph, unsigned long long) {
  NEEDS_CONTEXT;
  *exec = new Graph(*static_cast<Graph*>(graph));
  return kSuccess;
}
EXPORT Result cuGraphUpload(void*, void*) {
  NEEDS_CONTEXT;
  return kSuccess;
}
EXPORT Result cuGraphLaunch(void* exec, void* s) {
  NEEDS_CONTEXT;
  Locked l(lock);
  for (const Operation& node : static_cast<Graph*>(exec)->nodes) {
    Result r = enqueue(s, node.type, node.run);
    if (r != kSuccess) return r;
  }
  return kSuccess;
}
EXPORT Result cuGraphGetNodes(void* graph, void** nodes, size_t* n) {
  Graph* g = static_cast<Graph*>(graph);
  if (nodes != nullptr) {
    for (size_t i = 0; i < *n && i < g->nodes.size(); i++) nodes[i] = &g->nodes[i];
  }
  *n = g->nodes.size();
  return kSuccess;
}
EXPORT Result cuGraphNodeGetType(void* node, int* type) { *type = static_cast<Operation*>(node)->type; return kSuccess; }
EXPORT Result cuGraphDestroy(void* graph) { delete static_cast<Graph*>(graph); return kSuccess; }
EXPORT Result cuGraphExecDestroy(void* exec) {
  NEEDS_CONTEXT;
  Locked l(lock);
  flushAll();
  delete static_cast<Graph*>(exec);
  return kSuccess;
}

EXPORT Result cuEventCreate(void** e, unsigned) {
  NEEDS_CONTEXT;
  *e = new Event;
  return kSuccess;
}
EXPORT Result cuEventDestroy_v2(void* e) {
  NEEDS_CONTEXT;
  Locked l(lock);
  flushAll();
  delete static_cast<Event*>(e);
  return kSuccess;
}
EXPORT Result cuEventRecord(void* e, void* s) {
  NEEDS_CONTEXT;
  Locked l(lock);
  return enqueue(s, 6, [=] {
    static_cast<Event*>(e)->seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
    return kSuccess;
  });
}
EXPORT Result cuEventSynchronize(void*) {
  NEEDS_CONTEXT;
  Locked l(lock);
  NOT_IN_A_CAPTURE("waiting for an event");
  return told(flushAll());
}
EXPORT Result cuEventElapsedTime(float* ms, void* from, void* to) {
  NEEDS_CONTEXT;
  *ms = static_cast<float>((static_cast<Event*>(to)->seconds - static_cast<Event*>(from)->seconds) * 1e3);
  return kSuccess;
}

EXPORT Result cuModuleLoadDataEx(void** m, const void* image, unsigned, int*, void**) {
  NEEDS_CONTEXT;
  std::string text(static_cast<const char*>(image));
  {
    Locked l(lock);
    NOT_IN_A_CAPTURE("loading a module");
    if (text.rfind("//", 0) != 0) return fail(kInvalidPtx, "the image is not PTX text that begins with a comment");
    if (!brokenModule.empty() && text.find(brokenModule) != std::string::npos) {
      return fail(kInvalidPtx, "this module was to be broken");
    }
    loads += text.substr(0, text.find_first_of(",\n")) + "\n";
  }
  Compilation c;
  *m = new Module{text};
  return kSuccess;
}
EXPORT Result cuModuleLoadData(void** m, const void* image) { return cuModuleLoadDataEx(m, image, 0, nullptr, nullptr); }
EXPORT Result cuModuleUnload(void* m) {
  NEEDS_CONTEXT;
  Locked l(lock);
  NOT_IN_A_CAPTURE("unloading a module");
  delete static_cast<Module*>(m);
  return kSuccess;
}
EXPORT Result cuModuleGetFunction(void** f, void* m, const char* name) {
  for (const Knob& knob : knobs) {
    if (std::string(knob.name) == name) {
      *f = const_cast<Knob*>(&knob);
      return kSuccess;
    }
  }
  NEEDS_CONTEXT;
  Locked l(lock);
  // A driver that loads lazily does so here.
  NOT_IN_A_CAPTURE("looking for a kernel");
  auto k = kernels().find(name);
  if (k == kernels().end()) return fail(kNotFound, std::string("no kernel ") + name + " was compiled into the emulated driver");
  std::string fault = checkAgainstPtx(k->second, static_cast<Module*>(m)->image);
  if (!fault.empty()) return fail(kNotFound, fault);
  *f = &k->second;
  return kSuccess;
}
EXPORT Result cuFuncGetAttribute(int* v, int attribute, void*) {
  NEEDS_CONTEXT;
  *v = attribute == 0 ? static_cast<int>(emu::kMaxThreads) : 0;
  return kSuccess;
}
EXPORT Result cuFuncSetAttribute(void* f, int attribute, int value) {
  NEEDS_CONTEXT;
  if (attribute == 8 && value > static_cast<int>(emu::kDynamicShared)) {
    return fail(kInvalidValue, "more dynamic shared memory than the device has");
  }
  if (attribute == 8) sharedAllowed[f] = value;
  return kSuccess;
}
EXPORT Result cuOccupancyMaxActiveBlocksPerMultiprocessor(int* n, void*, int, size_t) { *n = 2; return kSuccess; }

EXPORT Result cuLaunchKernel(void* f, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz,
                             unsigned dynamicBytes, void* s, void** arguments, void**) {
  for (const Knob& knob : knobs) {
    if (f == &knob) {
      Locked l(lock);
      flushAll();
      return knob.turn(*static_cast<long long*>(arguments[0]));
    }
  }
  NEEDS_CONTEXT;
  Locked l(lock);
  emu::Kernel k = *static_cast<emu::Kernel*>(f);
  auto other = replaced.find(k.name);
  if (other != replaced.end()) k = other->second;
  std::string name = std::string("kernel ") + k.name;
  uint64_t threads = static_cast<uint64_t>(bx) * by * bz;
  if (threads == 0 || threads > emu::kMaxThreads || gx == 0 || gy == 0 || gz == 0 || gy > 65535 || gz > 65535 || gx > 2147483647u) {
    return fail(kInvalidValue, name + ": launch configuration out of range");
  }
  auto allowed = sharedAllowed.find(f);
  if (dynamicBytes > (allowed == sharedAllowed.end() ? emu::kStaticShared : static_cast<size_t>(allowed->second))) {
    return fail(kInvalidValue, name + ": more dynamic shared memory than it was allowed");
  }
  if (launchLog.size() < kMostLog) launchLog += std::string(k.name) + " " + std::to_string(threads * gx * gy * gz) + "\n";
  launched.insert(k.name);
  auto args = std::make_shared<Arguments>(k, arguments);
  return enqueue(s, 0, [=]() -> Result {
    std::string fault = emu::run(k, {gx, gy, gz}, {bx, by, bz}, dynamicBytes, args->pointers.data());
    if (!fault.empty()) return fail(kLaunchFailed, fault);
    std::string damage = emu::damagedDevice();
    if (!damage.empty()) return fail(kIllegalAddress, name + ": " + damage);
    return kSuccess;
  });
}

EXPORT Result cuGetErrorName(int e, const char** s) {
  static std::map<int, std::string> names = {{0, "CUDA_SUCCESS"}, {1, "CUDA_ERROR_INVALID_VALUE"},
      {2, "CUDA_ERROR_OUT_OF_MEMORY"}, {201, "CUDA_ERROR_INVALID_CONTEXT"}, {218, "CUDA_ERROR_INVALID_PTX"},
      {500, "CUDA_ERROR_NOT_FOUND"}, {700, "CUDA_ERROR_ILLEGAL_ADDRESS"}, {719, "CUDA_ERROR_LAUNCH_FAILED"},
      {900, "CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED"}, {901, "CUDA_ERROR_STREAM_CAPTURE_INVALIDATED"},
      {906, "CUDA_ERROR_STREAM_CAPTURE_IMPLICIT"}};
  static thread_local std::string other;
  auto n = names.find(e);
  other = "CUDA_ERROR_" + std::to_string(e);
  *s = n == names.end() ? other.c_str() : n->second.c_str();
  return kSuccess;
}
EXPORT Result cuGetErrorString(int, const char** s) {
  static thread_local std::string message;
  message = lastMessage;
  *s = message.c_str();
  return kSuccess;
}

// What the emulated libraries need of the device; see libraries/device.h.

#include "libraries/device.h"

EXPORT int emuEnqueue(void* s, const emu::Work& work) {
  NEEDS_CONTEXT;
  Locked l(lock);
  return enqueue(s, 0, [=]() -> Result {
    std::string fault = work();
    if (fault.empty()) fault = emu::damagedDevice();
    return fault.empty() ? kSuccess : fail(kIllegalAddress, "a library " + fault);
  });
}
EXPORT bool emuIsCapturing(void* s) { return stream(s)->capture != nullptr; }
EXPORT bool emuIsDevice(const void* p, size_t bytes) {
  Locked l(lock);
  return emu::isDevice(p, bytes);
}

// Knobs for whole programs: another capability than the least, such as 80, with which TF32 comes; as many multiprocessors
// as a GPU has, such as the 132 of an H100, with which work is split as it is there; and errors that stay, with any value
// but 0.
[[maybe_unused]] static const bool asked = [] {
  const char* capabilityAsked = getenv("CORTADO_EMULATED_CAPABILITY");
  if (capabilityAsked != nullptr) setCapability(atoll(capabilityAsked));
  const char* multiprocessorsAsked = getenv("CORTADO_EMULATED_MULTIPROCESSORS");
  if (multiprocessorsAsked != nullptr && setMultiprocessors(atoll(multiprocessorsAsked)) != kSuccess) {
    fprintf(stderr, "CORTADO_EMULATED_MULTIPROCESSORS=%s is no number from 1 up\n", multiprocessorsAsked);
    abort();
  }
  const char* stickyAsked = getenv("CORTADO_EMULATED_STICKY");
  if (stickyAsked != nullptr) setSticky(strcmp(stickyAsked, "0") != 0);
  return true;
}();
