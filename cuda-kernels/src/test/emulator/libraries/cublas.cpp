// A libcublas.so that computes on the CPU: the functions that Cortado calls, with cuBLAS's numbers for everything.
// See device.h. Source: NVIDIA, "cuBLAS Library", and the enumerations of cublas_api.h.
#include <set>

#include "device.h"

extern "C" int cuDeviceGetAttribute(int* value, int attribute, int device);
extern "C" size_t cublasLtGetVersion();

namespace {

enum Status { kSuccess = 0, kNotInitialized = 1, kAllocFailed = 3, kInvalidValue = 7, kExecutionFailed = 13, kNotSupported = 15 };

constexpr int kFloat = 0;
constexpr int kCompute32F = 68;
constexpr int kCompute32FFastTf32 = 77;
constexpr int kDefaultAlgorithm = -1;
// What tests ask of cublasGetStatusString besides: how often functions were called, and that the next start fails.
constexpr int kReportCounts = -1, kFailToStart = -2;

struct Context {
  void* stream = nullptr;
  void* workspace = nullptr;
  size_t workspaceBytes = 0;
};

std::set<Context*> contexts;
emu::Counts counts;
bool failsToStart = false;

bool isLive(Context* c) { return contexts.count(c) != 0; }

// Column-major, as everything in cuBLAS.
struct Matrix {
  const float* data;
  bool transposed;
  int ld;
  long long stride;

  float at(int batch, int row, int column) const {
    const float* p = data + batch * stride;
    return transposed ? p[static_cast<size_t>(row) * ld + column] : p[static_cast<size_t>(column) * ld + row];
  }
  // The number of elements from the first to the last that op(matrix) [rows, columns] touches.
  long long span(int rows, int columns, int batches) const {
    long long one = transposed ? static_cast<long long>(rows - 1) * ld + columns : static_cast<long long>(columns - 1) * ld + rows;
    return (batches - 1) * stride + one;
  }
};

int gemm(Context* c, int opA, int opB, int m, int n, int k, const void* alpha, Matrix a, int typeA, Matrix b, int typeB, const void* beta,
         float* y, int typeY, int ldY, long long strideY, int batches, int compute, int algorithm) {
  if (!isLive(c)) return kNotInitialized;
  if (opA < 0 || opA > 1 || opB < 0 || opB > 1 || m < 0 || n < 0 || k < 0 || batches < 0) return kInvalidValue;
  if (a.ld < std::max(1, opA == 0 ? m : k) || b.ld < std::max(1, opB == 0 ? k : n) || ldY < std::max(1, m)) return kInvalidValue;
  if (a.stride < 0 || b.stride < 0 || (batches > 1 && strideY < static_cast<long long>(ldY) * n)) return kInvalidValue;
  if (alpha == nullptr || beta == nullptr || a.data == nullptr || b.data == nullptr || y == nullptr) return kInvalidValue;
  if (emuIsDevice(alpha, sizeof(float)) || emuIsDevice(beta, sizeof(float))) return kInvalidValue;  // pointer mode is host
  if (typeA != kFloat || typeB != kFloat || typeY != kFloat || algorithm != kDefaultAlgorithm) return kNotSupported;
  if (compute != kCompute32F && compute != kCompute32FFastTf32) return kNotSupported;
  // The real one would take memory of its own, for every graph anew.
  if (c->workspace == nullptr) return kAllocFailed;
  float scale = *static_cast<const float*>(alpha);
  float keep = *static_cast<const float*>(beta);
  int capability = 0;
  cuDeviceGetAttribute(&capability, 75, 0);
  bool tf32 = compute == kCompute32FFastTf32 && capability >= 8;
  counts.add(tf32 ? "tf32" : "fp32");
  a.transposed = opA == 1;
  b.transposed = opB == 1;
  void* workspace = c->workspace;
  size_t bytes = c->workspaceBytes;
  int status = emuEnqueue(c->stream, [=]() -> std::string {
    if (!emuIsDevice(workspace, bytes)) return "had its workspace taken away";
    if (!emu::areFloats(a.data, a.span(m, k, batches)) || !emu::areFloats(b.data, b.span(k, n, batches)) ||
        !emu::areFloats(y, (batches - 1) * strideY + static_cast<long long>(n - 1) * ldY + m)) {
      return "was given a matrix that leaves its allocation";
    }
    emu::scribble(workspace, bytes);
    for (int i = 0; i < batches; i++) {
      for (int column = 0; column < n; column++) {
        for (int row = 0; row < m; row++) {
          double sum = 0;
          for (int l = 0; l < k; l++) {
            float u = a.at(i, row, l);
            float v = b.at(i, l, column);
            sum += tf32 ? static_cast<double>(emu::toTf32(u)) * emu::toTf32(v) : static_cast<double>(u) * v;
          }
          float& to = y[i * strideY + static_cast<size_t>(column) * ldY + row];
          to = static_cast<float>(keep == 0 ? scale * sum : scale * sum + static_cast<double>(keep) * to);
        }
      }
    }
    return "";
  });
  return status == 0 ? kSuccess : kExecutionFailed;
}

}  // namespace

EXPORT int cublasCreate_v2(Context** c) {
  if (failsToStart || cublasLtGetVersion() / 10000 != MAJOR) {
    failsToStart = false;
    *c = reinterpret_cast<Context*>(0xdead0000);  // as the real one leaves rubbish behind
    return kNotInitialized;
  }
  *c = new Context;
  contexts.insert(*c);
  return kSuccess;
}
EXPORT int cublasDestroy_v2(Context* c) {
  if (contexts.erase(c) == 0) return kNotInitialized;
  delete c;
  return kSuccess;
}
EXPORT int cublasGetVersion_v2(Context* c, int* version) {
  if (!isLive(c)) return kNotInitialized;
  *version = MAJOR * 10000 + 101;
  return kSuccess;
}
EXPORT int cublasSetStream_v2(Context* c, void* stream) {
  if (!isLive(c)) return kNotInitialized;
  // "Unconditionally resets the cuBLAS library workspace back to the default workspace pool."
  *c = {stream, nullptr, 0};
  return kSuccess;
}
EXPORT int cublasSetWorkspace_v2(Context* c, void* workspace, size_t bytes) {
  if (!isLive(c)) return kNotInitialized;
  if (!emu::isAligned(workspace, 256) || !emuIsDevice(workspace, bytes)) return kInvalidValue;
  c->workspace = workspace;
  c->workspaceBytes = bytes;
  return kSuccess;
}
EXPORT int cublasSetMathMode(Context* c, int mode) { return !isLive(c) ? kNotInitialized : mode == 0 ? kSuccess : kNotSupported; }
EXPORT int cublasSetAtomicsMode(Context* c, int mode) { return !isLive(c) ? kNotInitialized : mode == 0 ? kSuccess : kNotSupported; }
EXPORT const char* cublasGetStatusString(int status) {
  if (status == kFailToStart) failsToStart = true;
  return status == kReportCounts ? counts.report() : "a status of the emulated cuBLAS";
}

EXPORT int cublasGemmEx(Context* c, int opA, int opB, int m, int n, int k, const void* alpha, const float* a, int typeA, int lda,
                        const float* b, int typeB, int ldb, const void* beta, float* y, int typeY, int ldy, int compute, int algorithm) {
  counts.add("cublasGemmEx");
  return gemm(c, opA, opB, m, n, k, alpha, {a, false, lda, 0}, typeA, {b, false, ldb, 0}, typeB, beta, y, typeY, ldy, 0, 1, compute,
              algorithm);
}
EXPORT int cublasGemmStridedBatchedEx(Context* c, int opA, int opB, int m, int n, int k, const void* alpha, const float* a, int typeA,
                                      int lda, long long strideA, const float* b, int typeB, int ldb, long long strideB,
                                      const void* beta, float* y, int typeY, int ldy, long long strideY, int batches, int compute,
                                      int algorithm) {
  counts.add("cublasGemmStridedBatchedEx");
  return gemm(c, opA, opB, m, n, k, alpha, {a, false, lda, strideA}, typeA, {b, false, ldb, strideB}, typeB, beta, y, typeY, ldy,
              strideY, batches, compute, algorithm);
}
