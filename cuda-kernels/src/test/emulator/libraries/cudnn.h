// What the parts of the emulated cuDNN share: descriptors, statuses, and how a call says what is wrong.
// Source of all numbers: cuDNN 9's headers cudnn_graph.h, cudnn_ops.h and cudnn_cnn.h.
#pragma once
#include <algorithm>
#include <set>

#include "device.h"

extern "C" int cuDeviceGetAttribute(int* value, int attribute, int device);

namespace dnn {

enum Status {
  kSuccess = 0,
  kNotInitialized = 1001,
  kSublibraryLoadingFailed = 1008,
  kBadParam = 2000,
  kNullPointer = 2002,
  kMisaligned = 2003,
  kNotFinalized = 2004,
  kSizeInsufficient = 2006,
  kShapeMismatch = 2008,
  kNotSupported = 3000,
  kNotSupportedShape = 3002,
  kExecutionFailed = 5000,
};

constexpr int kFloat = 0, kNchw = 0;
constexpr int kDefaultMath = 0, kTensorOpMath = 1, kTensorOpMathAllowConversion = 2, kFmaMath = 3;
constexpr size_t kAlignment = 16;  // Cortado's rule for addresses

// Every descriptor, so that one that is destroyed or was never made is noticed.
extern std::set<const void*> live;
extern emu::Counts counts;

// Since cuDNN 9 its parts are libraries that are loaded when they are first wanted: libcudnn_heuristic.so.9 for advice,
// libcudnn_engines_precompiled.so.9 for the convolution itself. One of them may be missing.
enum class Part { none, heuristics, engines };
extern Part missing;

// Keeps the reason for cudnnGetErrorString and returns the status.
int no(Status status, const char* reason);

struct Handle {
  void* stream = nullptr;
};

struct Tensor {
  bool set = false;
  int n = 0, c = 0, h = 0, w = 0;

  long long size() const { return static_cast<long long>(n) * c * h * w; }
  bool operator==(const Tensor& o) const { return n == o.n && c == o.c && h == o.h && w == o.w; }
};

struct Filter {
  bool set = false;
  int k = 0, c = 0, r = 0, s = 0;

  long long size() const { return static_cast<long long>(k) * c * r * s; }
};

struct Convolution {
  bool set = false;
  int padH = 0, padW = 0, strideH = 1, strideW = 1, dilationH = 1, dilationW = 1;
  int groups = 1;
  int math = kDefaultMath;
};

struct Pooling {
  bool set = false;
  int mode = 0;
  bool nanWins = false;
  int h = 0, w = 0, padH = 0, padW = 0, strideH = 1, strideW = 1;
};

struct Activation {
  bool set = false;
  int mode = 0;
  bool nanWins = false;
};

struct Dropout {
  float p = 0;
  void* states = nullptr;
  size_t bytes = 0;
  unsigned long long seed = 0;
};

inline int quotient(int a, int b) { return a >= 0 ? a / b : -((b - 1 - a) / b); }

// Whether all of them are there and, in the case of descriptors, have been set.
inline bool areLive() { return true; }
template <class... Rest> bool areLive(const void* first, Rest... rest) { return live.count(first) != 0 && areLive(rest...); }

inline float factor(const void* p) { return *static_cast<const float*>(p); }

// The factors of a call: one and zero, on the host. Others are not emulated.
inline bool areOneAndZero(const void* alpha, const void* beta) {
  return !emuIsDevice(alpha, sizeof(float)) && !emuIsDevice(beta, sizeof(float)) && factor(alpha) == 1 && factor(beta) == 0;
}

template <class T> int make(T** d) {
  *d = new T;
  live.insert(*d);
  return kSuccess;
}
template <class T> int destroy(T* d) {
  if (live.erase(d) == 0) return no(kBadParam, "destroyed what is not there");
  delete d;
  return kSuccess;
}

// Puts work on the handle's stream; device memory is checked when it runs.
int enqueue(const Handle* h, const emu::Work& work);

}  // namespace dnn

#define REQUIRE(condition, status, reason) \
  if (!(condition)) return dnn::no(dnn::status, reason)
#define REQUIRE_LIVE(...) REQUIRE(dnn::areLive(__VA_ARGS__), kBadParam, "a handle or descriptor that is not there")
#define REQUIRE_FACTORS(alpha, beta) REQUIRE(dnn::areOneAndZero(alpha, beta), kBadParam, "factors other than 1 and 0 on the host")
#define REQUIRE_ALIGNED(p)                                   \
  REQUIRE((p) != nullptr, kNullPointer, "a null pointer");   \
  REQUIRE(emu::isAligned(p, dnn::kAlignment), kMisaligned, "an address that is not aligned")
