package io.github.cortado.benchmarks.nets;

import io.github.cortado.benchmarks.nets.PeerLosses.DifferentException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * Losses of many steps beside PyTorch's in float32. After some tens of steps no two ways to round
 * agree any more; how far PyTorch is from itself in its other memory layout says how much of that
 * is chaos.
 */
record LongRun(double[] losses, double[] nchw, double[] nhwc) {
    /** Losses whose mean says where training has come to. */
    static final int LAST = 20;

    /** Fields of a JSON line: how far the losses are apart, and the means of the last of them. */
    Map<String, Object> report() {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("largest_difference", differences(losses, nchw).max().orElse(0));
        out.put("mean_difference", differences(losses, nchw).average().orElse(0));
        out.put("largest_difference_of_layouts", differences(nhwc, nchw).max().orElse(0));
        out.put("mean_difference_of_layouts", differences(nhwc, nchw).average().orElse(0));
        out.put("end", mean(last(losses)));
        out.put("expected_end", mean(last(nchw)));
        out.put("expected_end_nhwc", mean(last(nhwc)));
        out.put("allowed_at_end", allowed());
        out.put("losses", list(losses));
        out.put("expected", list(nchw));
        out.put("expected_nhwc", list(nhwc));
        return out;
    }

    /**
     * Checks where training has come to.
     *
     * @throws DifferentException if that is another place than PyTorch's
     */
    LongRun requireSameEnd(Network net) {
        double end = mean(last(losses));
        double expected = mean(last(nchw));
        // Written so that NaN does not pass.
        if (!(Math.abs(end - expected) <= allowed())) {
            throw new DifferentException(
                    String.format(
                            Locale.ROOT,
                            "%s: the last %d losses of %d are %.4f in the mean, PyTorch's %.4f; they"
                                    + " may be %.2g apart",
                            net.word(),
                            last(losses).length,
                            losses.length,
                            end,
                            expected,
                            allowed()));
        }
        return this;
    }

    /** The distance of PyTorch's layouts in a step, which for a mean of several is much. */
    private double allowed() {
        return PeerLosses.TOLERANCE + differences(last(nhwc), last(nchw)).average().orElse(0);
    }

    private static DoubleStream differences(double[] a, double[] b) {
        return IntStream.range(0, a.length).mapToDouble(i -> Math.abs(a[i] - b[i]));
    }

    private static double[] last(double[] all) {
        return Arrays.copyOfRange(all, Math.max(0, all.length - LAST), all.length);
    }

    private static double mean(double[] all) {
        return Arrays.stream(all).average().orElse(Double.NaN);
    }

    private static List<Double> list(double[] all) {
        return Arrays.stream(all).boxed().toList();
    }
}
