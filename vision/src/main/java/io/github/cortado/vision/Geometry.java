package io.github.cortado.vision;

import io.github.cortado.data.Image;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Nearest-neighbour geometry as PIL computes it.
 *
 * <p>A map holds m0 .. m5 with 16 fraction bits: output pixel (x, y) takes the input pixel
 * (floor(m0 x + m1 y + m2), floor(m3 x + m4 y + m5)), black where that lies outside. PIL's half
 * pixel, by which it asks for the centres of the pixels, is part of m2 and m5.
 */
final class Geometry {
    static final int MAP_BITS = 16;
    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());

    private Geometry() {}

    /** Mirrors every row, in place. */
    static void flip(Image image) {
        byte[] p = image.pixels();
        int width = image.width();
        int length = image.length();
        for (int row = 0; row < length; row += width) {
            int i = row;
            int j = row + width - Long.BYTES;
            // Eight pixels from each end at a time, then one by one what is left in the middle.
            for (; i + Long.BYTES <= j; i += Long.BYTES, j -= Long.BYTES) {
                long left = (long) LONGS.get(p, i);
                long right = (long) LONGS.get(p, j);
                LONGS.set(p, i, Long.reverseBytes(right));
                LONGS.set(p, j, Long.reverseBytes(left));
            }
            for (int k = j + Long.BYTES - 1; i < k; i++, k--) {
                byte left = p[i];
                p[i] = p[k];
                p[k] = left;
            }
        }
    }

    /** Writes the map that mirrors every row. */
    static void flip(int width, long[] map) {
        map[0] = -1L << MAP_BITS;
        map[1] = 0;
        map[2] = (width - 1L) << MAP_BITS;
        map[3] = 0;
        map[4] = 1L << MAP_BITS;
        map[5] = 0;
    }

    /** Writes the map that mirrors every column. */
    static void flipVertically(int height, long[] map) {
        map[0] = 1L << MAP_BITS;
        map[1] = 0;
        map[2] = 0;
        map[3] = 0;
        map[4] = -1L << MAP_BITS;
        map[5] = (height - 1L) << MAP_BITS;
    }

    /**
     * Writes the map of a rotation about the centre, anticlockwise for a positive angle: m0 = m4 =
     * cos, m1 = -sin, m3 = sin, and the centre (w/2, h/2) stays.
     *
     * @param degrees with {@link FixedPoint#BITS} fraction bits
     */
    static void rotation(long degrees, int height, int width, long[] map) {
        long cos = FixedPoint.cos(degrees);
        long sin = FixedPoint.sin(degrees);
        matrix(cos, -sin, sin, cos, map);
        place(map, FixedPoint.TRIG_BITS, height, width, 0, 0);
    }

    /**
     * Parameters of torchvision's affine transform: angles of rotation and shear in degrees and the
     * scale have {@link FixedPoint#BITS} fraction bits, the translation is in pixels.
     */
    record Affine(
            long angle, int translateX, int translateY, long scale, long shearX, long shearY) {}

    /**
     * Writes the map that undoes torchvision's affine transform T C R S Sy Sx C⁻¹: shear along x,
     * then along y, scale, rotation about the centre, translation.
     *
     * <p>With a = cos(r - sy) / cos(sy), b = -(a tan(sx) + sin(r)), c = sin(r - sy) / cos(sy), d =
     * cos(r) - c tan(sx) the map is [d, -b; -c, a] / scale. Angles of shear are below 80 degrees
     * and the scale is in [1/128, 128], so that nothing overflows 63 bits.
     */
    static void affine(Affine t, int height, int width, long[] map) {
        int drop = FixedPoint.TRIG_BITS - FixedPoint.BITS;
        long scale = t.scale();
        long cosShearY = FixedPoint.cos(t.shearY());
        long tanShearX = ratio(FixedPoint.sin(t.shearX()), FixedPoint.cos(t.shearX()));
        long a = ratio(FixedPoint.cos(t.angle() - t.shearY()), cosShearY);
        long c = ratio(FixedPoint.sin(t.angle() - t.shearY()), cosShearY);
        long b = -(times(a, tanShearX) + (FixedPoint.sin(t.angle()) >> drop));
        long d = (FixedPoint.cos(t.angle()) >> drop) - times(c, tanShearX);
        matrix(ratio(d, scale), ratio(-b, scale), ratio(-c, scale), ratio(a, scale), map);
        place(map, FixedPoint.BITS, height, width, t.translateX(), t.translateY());
    }

    private static long ratio(long a, long b) {
        return (a << FixedPoint.BITS) / b;
    }

    private static long times(long a, long b) {
        return (a * b) >> FixedPoint.BITS;
    }

    private static void matrix(long m0, long m1, long m3, long m4, long[] map) {
        map[0] = m0;
        map[1] = m1;
        map[3] = m3;
        map[4] = m4;
    }

    /**
     * Completes a matrix with so many fraction bits by m2 = w/2 - m0 (w/2 + tx) - m1 (h/2 + ty) +
     * (m0 + m1) / 2, and rounds all of it.
     */
    private static void place(
            long[] map, int bits, int height, int width, int translateX, int translateY) {
        // Twice the offset, so that halves stay integers; hence one more fraction bit.
        long x = width + 2L * translateX - 1;
        long y = height + 2L * translateY - 1;
        map[2] = round(((long) width << bits) - map[0] * x - map[1] * y, bits + 1);
        map[5] = round(((long) height << bits) - map[3] * x - map[4] * y, bits + 1);
        map[0] = round(map[0], bits);
        map[1] = round(map[1], bits);
        map[3] = round(map[3], bits);
        map[4] = round(map[4], bits);
    }

    private static long round(long value, int bits) {
        int drop = bits - MAP_BITS;
        return (value + (1L << (drop - 1))) >> drop;
    }

    /** Returns x with {@link #MAP_BITS} fraction bits, rounded as PIL does. */
    static long fixed(double x) {
        return (long) Math.floor(x * (1 << MAP_BITS) + 0.5);
    }

    /** Fills out, which takes the size of in, from in by a map. */
    static void sample(Image in, long[] map, Image out) {
        int height = in.height();
        int width = in.width();
        out.reshape(height, width);
        byte[] from = in.pixels();
        byte[] to = out.pixels();
        int plane = in.plane();
        long dx = map[0];
        long dy = map[3];
        Arrays.fill(to, 0, out.length(), (byte) 0);
        for (int row = 0; row < height; row++) {
            long u = map[1] * row + map[2];
            long v = map[4] * row + map[5];
            // A line meets a rectangle in one piece: nothing needs to be asked between its ends.
            int begin = 0;
            while (begin < width && !isInside(u + begin * dx, v + begin * dy, height, width)) {
                begin++;
            }
            int end = width;
            while (end > begin
                    && !isInside(u + (end - 1) * dx, v + (end - 1) * dy, height, width)) {
                end--;
            }
            u += begin * dx;
            v += begin * dy;
            for (int o = row * width + begin; o < row * width + end; o++, u += dx, v += dy) {
                int i = (int) (v >> MAP_BITS) * width + (int) (u >> MAP_BITS);
                to[o] = from[i];
                to[o + plane] = from[i + plane];
                to[o + 2 * plane] = from[i + 2 * plane];
            }
        }
    }

    private static boolean isInside(long u, long v, int height, int width) {
        long x = u >> MAP_BITS;
        long y = v >> MAP_BITS;
        return x >= 0 && x < width && y >= 0 && y < height;
    }
}
