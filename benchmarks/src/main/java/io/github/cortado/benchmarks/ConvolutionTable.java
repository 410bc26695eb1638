package io.github.cortado.benchmarks;

import io.github.cortado.Device;
import io.github.cortado.Tensor;
import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.Conv2dSpec;
import io.github.cortado.benchmarks.nets.Network;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Every convolution of ResNet-18 and VGG-11, by itself and in each direction, as a table in
 * Markdown: milliseconds, GFLOP/s and the share of the measured peak. Operations are those of the
 * formula, 2 n outChannels outH outW inChannels kernelH kernelW, in whichever way it is computed.
 * Weights are packed in every call, as in training.
 */
public final class ConvolutionTable {
    /** Networks whose convolutions they are. */
    static final List<Network> NETS = List.of(Network.RESNET18, Network.VGG11);

    /** What is computed of a convolution. */
    enum Direction {
        FORWARD("forward"),
        BY_X("gradient by x"),
        BY_W("gradient by w");

        private final String words;

        Direction(String words) {
            this.words = words;
        }
    }

    /** What a call costs, or many. */
    record Cost(double milliseconds, double megaflop) {
        static final Cost NONE = new Cost(0, 0);

        Cost plus(Cost other, int times) {
            return new Cost(
                    milliseconds + times * other.milliseconds, megaflop + times * other.megaflop);
        }
    }

    /**
     * A convolution.
     *
     * @param counts how often each network has it
     * @param costs of a call, in the directions that training asks for
     */
    record Row(Conv2dSpec spec, Map<Network, Integer> counts, Map<Direction, Cost> costs) {
        int count(Network net) {
            return counts.getOrDefault(net, 0);
        }
    }

    private final String title;
    private final double peak;
    private final List<Row> rows;

    private ConvolutionTable(String title, double peak, List<Row> rows) {
        this.title = title;
        this.peak = peak;
        this.rows = rows;
    }

    /**
     * Runs the program: {@code --threads --batch}; each direction runs for {@code --millis} before
     * anything is timed, and as long again for its median.
     */
    public static void main(String[] line) {
        Arguments.main(ConvolutionTable.class, line, defaults(), a -> measure(a).markdown());
    }

    static Map<String, String> defaults() {
        Map<String, String> d = new LinkedHashMap<>();
        d.put("threads", "" + Runtime.getRuntime().availableProcessors());
        d.put("batch", "32");
        d.put("millis", "700");
        return d;
    }

    static ConvolutionTable measure(Arguments a) {
        int threads = a.count("threads");
        int batch = a.count("batch");
        int millis = a.number("millis", 0);
        Map<Conv2dSpec, Map<Network, Integer>> all = convolutions(batch);
        // They share loops, which C2 compiles for all of them before the first is timed.
        all.keySet().forEach(s -> new Calls(s).times(millis));
        double peak = Peak.measure(threads, 10, 100).total();
        List<Row> rows = new ArrayList<>();
        all.forEach((s, counts) -> rows.add(new Row(s, counts, new Calls(s).times(millis))));
        // The machine may have become faster meanwhile.
        peak = Math.max(peak, Peak.measure(threads, 10, 100).total());
        String title =
                String.format(
                        Locale.ROOT,
                        "Convolutions of %d pictures, %d threads, each by itself; peak %.0f"
                                + " GFLOP/s.",
                        batch,
                        threads,
                        peak);
        return new ConvolutionTable(title, peak, rows);
    }

    /** The convolutions of a forward pass of each network, and how often it has them. */
    private static Map<Conv2dSpec, Map<Network, Integer>> convolutions(int batch) {
        Map<Conv2dSpec, Map<Network, Integer>> all = new LinkedHashMap<>();
        Device device = Device.of(TimedBackend.NAME);
        for (Network net : NETS) {
            TimedBackend.calls();
            Tensor pictures = Tensor.zeros(net.input(batch).dims()).to(device);
            net.model().to(device).forward(pictures).toFloats();
            for (TimedBackend.Call call : TimedBackend.calls()) {
                if (call.last() instanceof Conv2dSpec s) {
                    all.computeIfAbsent(s.alone(), t -> new LinkedHashMap<>())
                            .merge(net, call.nanoseconds().size(), Integer::sum);
                }
            }
        }
        return all;
    }

    /** The calls of a convolution, on random numbers. */
    private static final class Calls {
        private final Backend backend = Device.cpu().backend();
        private final Conv2dSpec spec;
        private final Buffer x;
        private final Buffer w;
        private final Buffer y;
        private final Buffer dx;
        private final Buffer dw;

        Calls(Conv2dSpec s) {
            spec = s;
            int[] input = {s.n(), s.inChannels(), s.h(), s.w()};
            int[] weight = {s.outChannels(), s.inChannels(), s.kernelH(), s.kernelW()};
            x = random(input);
            w = random(weight);
            y = random(s.n(), s.outChannels(), s.outH(), s.outW());
            dx = random(input);
            dw = random(weight);
        }

        private static Buffer random(int... shape) {
            return LayerTimes.random(Device.cpu(), shape).keep().buffer();
        }

        Map<Direction, Cost> times(int millis) {
            Map<Direction, Cost> costs = new LinkedHashMap<>();
            for (Direction d : Direction.values()) {
                if (d != Direction.BY_X || !isFirst()) {
                    double median = median(() -> run(d), millis);
                    costs.put(d, new Cost(median, Problem.flops(spec) / 1e6));
                }
            }
            return costs;
        }

        /** Whether x are the pictures, whose gradient nobody asks for. */
        private boolean isFirst() {
            return spec.inChannels() == NETS.get(0).input(1).dim(1);
        }

        private void run(Direction d) {
            switch (d) {
                case FORWARD -> backend.conv2d(x, w, null, y, null, spec);
                case BY_X -> backend.conv2dGrad(x, w, y, null, dx, null, null, spec);
                case BY_W -> backend.conv2dGrad(x, w, y, null, null, dw, null, spec);
            }
        }

        private static double median(Runnable call, int millis) {
            List<Double> times = new ArrayList<>();
            WarmUp.run(
                    5,
                    millis,
                    () -> {
                        long start = System.nanoTime();
                        call.run();
                        times.add((System.nanoTime() - start) / 1e6);
                    });
            return Series.median(times);
        }
    }

    List<Row> rows() {
        return rows;
    }

    /** The convolutions, and behind them each network's sums. */
    String markdown() {
        StringBuilder s = new StringBuilder(title + "\n\n| convolution");
        NETS.forEach(net -> s.append(" | in ").append(net.word()));
        for (Direction d : Direction.values()) {
            s.append(" | ").append(d.words).append(", ms | GFLOP/s | of the peak");
        }
        s.append(" | together, ms | GFLOP/s | of the peak |\n|---");
        s.append("|--:".repeat(NETS.size() + 3 * Direction.values().length + 3)).append("|\n");
        for (Row row : rows) {
            s.append("| ").append(Problem.size(row.spec));
            NETS.forEach(net -> s.append(" | ").append(row.count(net)));
            s.append(cells(row.costs));
        }
        for (Network net : NETS) {
            s.append("| **").append(net.word()).append("**");
            for (Network column : NETS) {
                s.append(" | ");
                if (column == net) {
                    s.append(rows.stream().mapToInt(row -> row.count(net)).sum());
                }
            }
            s.append(cells(sums(net)));
        }
        return s.toString();
    }

    /** All convolutions of a network. */
    Map<Direction, Cost> sums(Network net) {
        Map<Direction, Cost> sums = new LinkedHashMap<>();
        for (Row row : rows) {
            row.costs.forEach(
                    (d, cost) ->
                            sums.put(
                                    d, sums.getOrDefault(d, Cost.NONE).plus(cost, row.count(net))));
        }
        return sums;
    }

    private String cells(Map<Direction, Cost> costs) {
        StringBuilder s = new StringBuilder();
        Cost together = Cost.NONE;
        for (Direction d : Direction.values()) {
            Cost cost = costs.get(d);
            s.append(cells(cost));
            together = cost == null ? together : together.plus(cost, 1);
        }
        return s.append(cells(together)).append(" |\n").toString();
    }

    private String cells(@Nullable Cost c) {
        if (c == null) {
            return " |  |  | ";
        }
        double gflops = c.megaflop / c.milliseconds;
        return String.format(
                Locale.ROOT,
                " | %.3f | %.0f | %.0f %%",
                c.milliseconds,
                gflops,
                100 * gflops / peak);
    }
}
