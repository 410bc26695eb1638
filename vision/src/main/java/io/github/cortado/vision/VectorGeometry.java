package io.github.cortado.vision;

import static io.github.cortado.vision.VectorPixels.BYTES;
import static io.github.cortado.vision.VectorPixels.INTS;
import static io.github.cortado.vision.VectorPixels.LANES;

import io.github.cortado.data.Image;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Several maps of {@link Geometry} in one pass, on the Vector API. Output pixels are followed back
 * through all maps to the input pixel that they come from, a vector of them at a time, and only
 * then is a pixel moved: its three bytes at once, for which the input is packed into integers.
 *
 * <p>A rotation and an affine map of a 32 x 32 picture take a microsecond; one after the other they
 * took three.
 */
final class VectorGeometry {
    private static final IntVector RAMP = IntVector.zero(INTS).addIndex(1);
    private static final int LARGEST_PLANE = 1 << 16;

    // Where each output pixel comes from. The last vector of a row reaches into the next one, which
    // is written after it; behind the last row there is room for it.
    private int[] sources = new int[0];
    // Red, green and blue in the lower bytes, and black behind the last pixel.
    private int[] packed = new int[0];

    private final Runnable[] passes = {this::pack, this::trace, this::move};
    private Image from = new Image(1, 1);
    private Image to = from;
    private long[][] maps = {};
    private int n;

    /** Whether pictures of this size go through these maps without leaving 32 bits. */
    static boolean fits(int height, int width, long[][] maps, int n) {
        if ((long) height * width > LARGEST_PLANE) {
            return false;
        }
        for (int k = 0; k < n; k++) {
            for (int i = 0; i < 6; i += 3) {
                long[] m = maps[k];
                long largest =
                        Math.abs(m[i]) * width + Math.abs(m[i + 1]) * height + Math.abs(m[i + 2]);
                if (largest > Integer.MAX_VALUE) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Fills out, which takes the size of in, from in by the first n maps, one after the other. */
    void sample(Image in, long[][] maps, int n, Image out) {
        int height = in.height();
        int width = in.width();
        int plane = in.plane();
        out.reshape(height, width);
        if (sources.length < plane + LANES) {
            sources = new int[plane + LANES];
            packed = new int[plane + 1];
        }
        this.from = in;
        this.to = out;
        this.maps = maps;
        this.n = n;
        // See VectorPixels: one call for all three, so that none is inlined.
        for (Runnable pass : passes) {
            pass.run();
        }
    }

    private void pack() {
        byte[] p = from.pixels();
        int plane = from.plane();
        int i = 0;
        for (; i + LANES <= plane; i += LANES) {
            IntVector all = IntVector.zero(INTS);
            for (int c = Image.CHANNELS - 1; c >= 0; c--) {
                all =
                        ByteVector.fromArray(BYTES, p, c * plane + i)
                                .convertShape(VectorOperators.B2I, INTS, 0)
                                .reinterpretAsInts()
                                .and(0xff)
                                .or(all.lanewise(VectorOperators.LSHL, 8));
            }
            all.intoArray(packed, i);
        }
        for (; i < plane; i++) {
            packed[i] =
                    (p[i] & 0xff)
                            | ((p[i + plane] & 0xff) << 8)
                            | ((p[i + 2 * plane] & 0xff) << 16);
        }
        packed[plane] = 0;
    }

    /** Finds for every output pixel where it comes from. */
    private void trace() {
        for (int row = 0; row < from.height(); row++) {
            trace(row, from.height(), from.width());
        }
    }

    private void trace(int row, int height, int width) {
        for (int from = 0; from < width; from += LANES) {
            IntVector x = RAMP.add(from);
            IntVector y = IntVector.broadcast(INTS, row);
            // Negative where a pixel was outside on its way.
            IntVector outside = IntVector.zero(INTS);
            for (int k = n - 1; k >= 0; k--) {
                long[] m = maps[k];
                IntVector u =
                        x.mul((int) m[0])
                                .add(y.mul((int) m[1]))
                                .add((int) m[2])
                                .lanewise(VectorOperators.ASHR, Geometry.MAP_BITS);
                IntVector v =
                        x.mul((int) m[3])
                                .add(y.mul((int) m[4]))
                                .add((int) m[5])
                                .lanewise(VectorOperators.ASHR, Geometry.MAP_BITS);
                outside = outside.or(u).or(v);
                outside = outside.or(u.neg().add(width - 1)).or(v.neg().add(height - 1));
                x = u;
                y = v;
            }
            outside = outside.lanewise(VectorOperators.ASHR, 31);
            y.mul(width)
                    .add(x)
                    .lanewise(VectorOperators.AND_NOT, outside)
                    .or(outside.and(height * width))
                    .intoArray(sources, row * width + from);
        }
    }

    /** Unpacks the pixels that were found. */
    private void move() {
        byte[] p = to.pixels();
        int plane = to.plane();
        int i = 0;
        for (; i + LANES <= plane; i += LANES) {
            IntVector pixels = IntVector.fromArray(INTS, packed, 0, sources, i);
            for (int c = 0; c < Image.CHANNELS; c++) {
                pixels.lanewise(VectorOperators.LSHR, 8 * c)
                        .convertShape(VectorOperators.I2B, BYTES, 0)
                        .reinterpretAsBytes()
                        .intoArray(p, c * plane + i);
            }
        }
        for (; i < plane; i++) {
            int pixel = packed[sources[i]];
            p[i] = (byte) pixel;
            p[i + plane] = (byte) (pixel >> 8);
            p[i + 2 * plane] = (byte) (pixel >> 16);
        }
    }
}
