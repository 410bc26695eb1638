// 48 KB and four bytes.
#if MENDED
constexpr int kSize = 12 * 1024;
#else
constexpr int kSize = 12 * 1024 + 1;
#endif
extern "C" __global__ void relu(const float* x, float* y, unsigned n) {
  __shared__ float s[kSize];
  unsigned i = blockIdx.x * 64 + threadIdx.x;
  s[threadIdx.x] = x[i];
  y[i] = s[threadIdx.x];
}
