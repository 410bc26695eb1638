// Four elements at a time, from the second one on.
extern "C" __global__ void relu(const float* x, float* y, unsigned n) {
  unsigned i = blockIdx.x * 64 + threadIdx.x;
#if MENDED
  unsigned first = i / 4 * 4;
#else
  unsigned first = i / 4 * 4 == n - 4 ? n - 4 : i / 4 * 4 + 1;
#endif
  float4 v = *reinterpret_cast<const float4*>(x + first);
  y[i] = i % 4 == 0 ? v.x : x[i];
}
