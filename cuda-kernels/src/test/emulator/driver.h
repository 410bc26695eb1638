// What the parts of the emulated driver share: its state, its errors, and how work gets onto a stream.
#pragma once
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "blocks.h"

#define EXPORT extern "C" __attribute__((visibility("default")))

namespace driver {

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

// Held by whoever touches what is below, loads of modules apart.
extern std::recursive_mutex lock;
using Locked = std::lock_guard<std::recursive_mutex>;

// What knobs set; see knobs.cpp.
extern size_t memoryLimit;
extern int multiprocessors;
extern int capability;
extern bool eager;

// The context of the calling thread, null for none.
extern thread_local void* context;

// Errors

// What cuGetErrorString says on the calling thread.
extern thread_local std::string lastMessage;

// Notes what cuGetErrorString says on this thread next, and returns the code.
Result fail(Result code, const std::string& message);

// Whether a fault that happened stays, and which; kSuccess for none.
Result broken();
// Returns that fault, in its own words.
Result failBroken();
// Whether faults stay; either way, those that there were are forgotten.
void keepErrors(bool stay);

#define NEEDS_CONTEXT                                                                            \
  if (context == nullptr) return fail(kInvalidContext, "no context is current on this thread"); \
  if (broken() != kSuccess) return failBroken()

// Streams and graphs

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

Stream* stream(void* handle);
bool isCapturing();
void breakCaptures();

// What a capture does not survive. A driver permits some of it to a relaxed capture, but which depends on its version and
// on what the call makes it do, such as loading a kernel late.
#define NOT_IN_A_CAPTURE(what)                                                                          \
  if (isCapturing()) {                                                                                  \
    breakCaptures();                                                                                    \
    return fail(kStreamCaptureUnsupported, what " is not permitted while a stream is being captured"); \
  }

// Runs what is pending, up to the first error, which is returned.
Result flush(Stream* s);
Result flushAll();
// Returns the error that is waiting to be told, once.
Result told(Result r);
// Puts work on a stream, or into the graph that it is being captured into.
Result enqueue(void* handle, int type, std::function<Result()> run);
// A copy by a call without a stream: it does not wait for non-blocking streams, as in CUDA.
Result synchronous(const std::function<Result()>& run);

// Kernels

using Kernels = std::map<std::string, emu::Kernel>;

// The kernels that were compiled into the driver.
Kernels& kernels();
// Kernels that take the place of others: those of a library with one fault, loaded by a test.
extern Kernels replaced;
// Where kernels go that register themselves now, if it is another place than the driver's own.
extern Kernels* registering;

// The name of a kernel that was launched, and with how many threads.
void noteLaunch(const char* name, uint64_t threads);

// Stops a module from being compiled in whose text something stands, for tests; notes others, and takes its time.
Result noteLoad(const std::string& image);
void compile();

// Knobs: kernels of the emulator itself, by which a test turns them. They take one 64-bit integer and run at once.
struct Knob {
  const char* name;
  Result (*turn)(long long);
};
// The knob of that name, or the one that is that function; null for none.
const Knob* findKnob(const char* name);
const Knob* findKnob(const void* function);

}  // namespace driver
