// Writes one element more than y has.
extern "C" __global__ void relu(const float* x, float* y, unsigned n) {
  unsigned i = blockIdx.x * 64 + threadIdx.x;
  y[i] = x[i];
#if !MENDED
  if (i == n - 1) y[n] = 1.0f;
#endif
}
