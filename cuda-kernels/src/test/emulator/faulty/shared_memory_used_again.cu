// A warp that is fast overwrites what a slow one has not read.
extern "C" __global__ void relu(const float* x, float* y, unsigned n) {
  __shared__ float s[64];
  for (unsigned first = 0; first < n; first += 64) {
#if MENDED
    __syncthreads();
#endif
    s[63 - threadIdx.x] = x[first + threadIdx.x];
    __syncthreads();
    y[first + 63 - threadIdx.x] = s[threadIdx.x];
  }
}
