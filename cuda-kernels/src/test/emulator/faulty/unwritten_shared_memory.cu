// One element of shared memory is read that nobody has written.
extern "C" __global__ void relu(const float* x, float* y, unsigned n) {
  __shared__ float s[64];
  unsigned i = blockIdx.x * 64 + threadIdx.x;
#if !MENDED
  if (threadIdx.x != 17)
#endif
    s[threadIdx.x] = x[i];
  __syncthreads();
  y[i] = s[threadIdx.x];
}
