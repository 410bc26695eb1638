// Writes one element more than the variable has.
extern "C" __global__ void relu(const float* x, float* y, unsigned n) {
  __shared__ float s[64];
  __shared__ float t[64];
  unsigned i = blockIdx.x * 64 + threadIdx.x;
  t[threadIdx.x] = x[i];
#if MENDED
  s[threadIdx.x] = 0.0f;
#else
  s[threadIdx.x + 1] = 0.0f;
#endif
  __syncthreads();
  y[i] = t[threadIdx.x] + (threadIdx.x > 0 ? s[threadIdx.x] : 0.0f);
}
