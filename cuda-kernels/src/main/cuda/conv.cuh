// A convolution and its gradients as matrix products, whatever multiplies their tiles: see conv.cu for the story and for
// float32, conv_tf32.cu for TF32.
#pragma once

#include "pooled.cuh"
#include "tile.cuh"

struct Conv {
  int n, channels, h, w;       // input; channels of a group
  int outChannels, outH, outW; // output; channels of a group
  int groups;
  int kernelH, kernelW, strideH, strideW, padH, padW, dilationH, dilationW;
  int splits;
  int relu;
  Divisor taps, kernelWidth;   // by kernelH kernelW, by kernelW
  Divisor pixels, width;       // by the pixels and the width of what the columns run over
  Divisor strideDown, strideRight;
};

// A column or row number taken apart: which picture, which pixel.
struct Pixel {
  int picture, row, column;

  __device__ Pixel(const Conv& s, unsigned i) {
    unsigned p = s.pixels.quotient(i);
    unsigned rest = s.pixels.remainder(i, p);
    unsigned r = s.width.quotient(rest);
    picture = static_cast<int>(p);
    row = static_cast<int>(r);
    column = static_cast<int>(s.width.remainder(rest, r));
  }
};

// A number c taps + tap taken apart.
struct Tap {
  int channel, down, right;

  __device__ Tap(const Conv& s, unsigned l) {
    unsigned c = s.taps.quotient(l);
    unsigned tap = s.taps.remainder(l, c);
    unsigned r = s.kernelWidth.quotient(tap);
    channel = static_cast<int>(c);
    down = static_cast<int>(r);
    right = static_cast<int>(s.kernelWidth.remainder(tap, r));
  }
};

__device__ inline bool isInside(int i, int n) { return static_cast<unsigned>(i) < static_cast<unsigned>(n); }

// The input that output pixel `at` meets at this tap; 0 outside of the picture.
__device__ inline float inputAt(const float* x, const Conv& s, int group, const Pixel& at, const Tap& t) {
  int row = at.row * s.strideH - s.padH + t.down * s.dilationH;
  int column = at.column * s.strideW - s.padW + t.right * s.dilationW;
  if (!isInside(row, s.h) || !isInside(column, s.w)) return 0.0f;
  size_t plane = static_cast<size_t>(at.picture) * s.groups * s.channels + group * s.channels + t.channel;
  return x[(plane * s.h + row) * s.w + column];
}

// Where a group's output channel o lies at this output pixel.
__device__ inline size_t outputAt(const Conv& s, int group, int o, const Pixel& at) {
  size_t plane = static_cast<size_t>(at.picture) * s.groups * s.outChannels + group * s.outChannels + o;
  return (plane * s.outH + at.row) * s.outW + at.column;
}

// The gradient of that. Where index is given, dy is behind ReLU and pooling of the outputs.
__device__ inline float gradientAt(const float* dy, const unsigned char* index, const Conv& s, int group, int o, const Pixel& at) {
  if (index == nullptr) return dy[outputAt(s, group, o, at)];
  size_t plane = static_cast<size_t>(at.picture) * s.groups * s.outChannels + group * s.outChannels + o;
  return behindPooling(dy, index, plane, s.outH, s.outW, at.row, at.column);
}

// The sums of a tile: output channels row0 .. of a group, pixels column0 .. .
template <class T> __device__ inline void multiplyPatches(T& tile, const float* x, const float* w, int group, int row0, int column0, const Conv& s) {
  int k = s.channels * static_cast<int>(s.taps.divisor);
  int columns = s.n * s.outH * s.outW;
  w += static_cast<size_t>(group) * s.outChannels * k;
  // A thread's column is the same in every step: its pixel is taken apart once.
  int mine = column0 + threadIdx.x % T::BN;
  Pixel at(s, static_cast<unsigned>(min(mine, columns - 1)));
  tile.product(
      0, k, true, false,
      [&](int i, int l) { return row0 + i < s.outChannels ? w[static_cast<size_t>(row0 + i) * k + l] : 0.0f; },
      [&](int l, int) { return mine < columns ? inputAt(x, s, group, at, Tap(s, static_cast<unsigned>(l))) : 0.0f; });
}

// Grid: x pixels, y channels, z groups.
template <class T> __device__ inline void forward(const float* x, const float* w, const float* bias, float* y, const Conv& s) {
  int group = blockIdx.z;
  int row0 = blockIdx.y * T::BM;
  int column0 = blockIdx.x * T::BN;
  int columns = s.n * s.outH * s.outW;
  T tile;
  multiplyPatches(tile, x, w, group, row0, column0, s);
  tile.forEachSum([&](int i, int j, float v) {
    int o = row0 + i;
    if (o < s.outChannels && column0 + j < columns) {
      if (bias != nullptr) v += bias[group * s.outChannels + o];
      if (s.relu) v = v > 0.0f || v != v ? v : 0.0f;
      y[outputAt(s, group, o, Pixel(s, static_cast<unsigned>(column0 + j)))] = v;
    }
  });
}

// As forward, but y is the largest of each 2 x 2 outputs and of 0. A tile has whole pairs of rows: outH is even and
// T::BN a multiple of 2 outW.
template <class T>
__device__ inline void forwardPooled(const float* x, const float* w, const float* bias, float* y, unsigned char* index, const Conv& s) {
  __shared__ float outputs[T::BM][T::BN + 1];
  int group = blockIdx.z;
  int row0 = blockIdx.y * T::BM;
  int column0 = blockIdx.x * T::BN;
  int columns = s.n * s.outH * s.outW;
  T tile;
  multiplyPatches(tile, x, w, group, row0, column0, s);
  tile.forEachSum([&](int i, int j, float v) { outputs[i][j] = v; });
  __syncthreads();
  for (int e = threadIdx.x; e < T::BM * T::BN / 4; e += T::kThreads) {
    int i = e / (T::BN / 4);
    int window = e % (T::BN / 4);
    int o = row0 + i;
    int pair = window / (s.outW / 2);
    int j = pair * 2 * s.outW + window % (s.outW / 2) * 2;
    if (o >= s.outChannels || column0 + j >= columns) continue;
    float b = bias == nullptr ? 0.0f : bias[group * s.outChannels + o];
    const float* v = outputs[i] + j;
    Pixel at(s, static_cast<unsigned>(column0 + j));
    size_t plane = static_cast<size_t>(at.picture) * s.groups * s.outChannels + group * s.outChannels + o;
    size_t to = (plane * (s.outH / 2) + at.row / 2) * (s.outW / 2) + at.column / 2;
    y[to] = pooledRelu(v[0] + b, v[1] + b, v[s.outW] + b, v[s.outW + 1] + b, index[to]);
  }
}

// Grid: x pixels of the input, y input channels, z groups.
template <class T> __device__ inline void gradInput(const float* dy, const unsigned char* index, const float* w, float* dx, const Conv& s) {
  int group = blockIdx.z;
  int taps = static_cast<int>(s.taps.divisor);
  int k = s.outChannels * taps;
  int columns = s.n * s.h * s.w;
  int row0 = blockIdx.y * T::BM;
  int column0 = blockIdx.x * T::BN;
  w += static_cast<size_t>(group) * s.outChannels * s.channels * taps;
  T tile;
  int mine = column0 + threadIdx.x % T::BN;
  Pixel in(s, static_cast<unsigned>(min(mine, columns - 1)));
  tile.product(
      0, k, true, false,
      [&](int i, int l) {
        unsigned o = s.taps.quotient(static_cast<unsigned>(l));
        unsigned tap = s.taps.remainder(static_cast<unsigned>(l), o);
        return row0 + i < s.channels ? w[(static_cast<size_t>(o) * s.channels + row0 + i) * taps + tap] : 0.0f;
      },
      [&](int l, int) {
        Tap t(s, static_cast<unsigned>(l));
        int down = in.row + s.padH - t.down * s.dilationH;
        int right = in.column + s.padW - t.right * s.dilationW;
        if (mine >= columns || down < 0 || right < 0) return 0.0f;
        Pixel out = in;
        out.row = static_cast<int>(s.strideDown.quotient(static_cast<unsigned>(down)));
        out.column = static_cast<int>(s.strideRight.quotient(static_cast<unsigned>(right)));
        bool hit = out.row * s.strideH == down && out.column * s.strideW == right && out.row < s.outH && out.column < s.outW;
        return hit ? gradientAt(dy, index, s, group, t.channel, out) : 0.0f;
      });
  tile.forEachSum([&](int i, int j, float v) {
    if (row0 + i < s.channels && column0 + j < columns) {
      Pixel at(s, static_cast<unsigned>(column0 + j));
      size_t plane = static_cast<size_t>(at.picture) * s.groups * s.channels + group * s.channels + row0 + i;
      dx[(plane * s.h + at.row) * s.w + at.column] = v;
    }
  });
}

// Grid: x taps of all channels and one more, y output channels, z groups x splits. db may be null.
template <class T>
__device__ inline void gradWeight(
    const float* x, const float* dy, const unsigned char* index, float* dw, float* db, float* partial, unsigned* arrived, const Conv& s) {
  int group = blockIdx.z / s.splits;
  unsigned split = blockIdx.z % s.splits;
  int columns = s.channels * static_cast<int>(s.taps.divisor);
  int row0 = blockIdx.y * T::BM;
  int column0 = blockIdx.x * T::BN;
  Share share(s.n * s.outH * s.outW, T::BK, split, s.splits);
  T tile;
  tile.product(
      share.begin, share.end, true, true,
      [&](int i, int l) { return row0 + i < s.outChannels ? gradientAt(dy, index, s, group, row0 + i, Pixel(s, static_cast<unsigned>(l))) : 0.0f; },
      [&](int l, int j) {
        int column = column0 + j;
        if (column >= columns) return column == columns ? 1.0f : 0.0f;
        return inputAt(x, s, group, Pixel(s, static_cast<unsigned>(l)), Tap(s, static_cast<unsigned>(column)));
      });
  unsigned tileNumber = (group * gridDim.y + blockIdx.y) * gridDim.x + blockIdx.x;
  if (!addSplits(tile, tileNumber, split, s.splits, partial, arrived)) return;
  tile.forEachSum([&](int i, int j, float v) {
    int o = row0 + i;
    int column = column0 + j;
    if (o >= s.outChannels) return;
    if (column < columns) {
      dw[(static_cast<size_t>(group) * s.outChannels + o) * columns + column] = v;
    } else if (column == columns && db != nullptr) {
      db[group * s.outChannels + o] = v;
    }
  });
}
