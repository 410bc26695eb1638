// The emulated driver's streams, captures and graphs, and events.
//
// What is put on a stream waits there until somebody waits for it; while a stream is being captured it goes into a graph.
#include <chrono>
#include <set>

#include "device_memory.h"
#include "driver.h"
#include "libraries/device.h"

using namespace driver;

namespace {

constexpr int kNonBlocking = 1;

struct Event {
  double seconds = 0;
};

std::set<Stream*> streams;
Result sticky = kSuccess;
std::string stickyMessage;

}  // namespace

bool driver::isCapturing() {
  for (Stream* s : streams) {
    if (s->capture != nullptr) return true;
  }
  return false;
}

void driver::breakCaptures() {
  for (Stream* s : streams) {
    if (s->capture != nullptr) s->captureBroken = true;
  }
}

Result driver::flush(Stream* s) {
  while (!s->pending.empty() && sticky == kSuccess && broken() == kSuccess) {
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

Result driver::flushAll() {
  for (Stream* s : streams) flush(s);
  return sticky;
}

// Returns the error that is waiting to be told, once.
Result driver::told(Result r) {
  if (r == kSuccess) r = sticky;
  if (r == sticky && r != kSuccess) lastMessage = stickyMessage;
  sticky = kSuccess;
  return r;
}

Stream* driver::stream(void* handle) {
  static Stream legacy{true, {}, nullptr, false};
  return handle == nullptr ? &legacy : static_cast<Stream*>(handle);
}

Result driver::enqueue(void* handle, int type, std::function<Result()> run) {
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
Result driver::synchronous(const std::function<Result()>& run) {
  NOT_IN_A_CAPTURE("a copy without a stream");
  for (Stream* s : streams) {
    if (s->blocking) flush(s);
  }
  if (sticky != kSuccess) return told(kSuccess);
  return run();
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

// What the emulated libraries need of the device; see libraries/device.h.

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
