package io.github.cortado.benchmarks;

import io.github.cortado.Device;
import io.github.cortado.benchmarks.nets.Network;
import io.github.cortado.benchmarks.nets.PeerLosses;
import io.github.cortado.benchmarks.nets.Steps;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A network's speed, training or with {@code --infer} forward alone, as a JSON line: items a second
 * by the median of the steps' times, and by the slowest. What it is compared with is {@code
 * benchmarks/peer/nets_torch.py}, of the same options.
 *
 * <p>With {@code --losses FILE} nothing is timed: from that script's weights and batch it takes the
 * script's steps, and ends with code 1 unless it is the same network; see {@link PeerLosses}.
 */
public final class NetThroughput {
    private NetThroughput() {}

    /** Runs the program. */
    public static void main(String[] line) {
        int code = 2;
        try {
            Arguments a = Arguments.parse(List.of(line), defaults());
            // Read once, by the first device that opens.
            System.setProperty("cortado.threads", "" + a.count("threads"));
            new Answer(System.out).whole(a.text("losses").isEmpty() ? run(a) : losses(a));
            code = 0;
        } catch (Arguments.UsageException e) {
            System.err.println("NetThroughput: " + e.getMessage());
        } catch (IOException e) {
            System.err.println("NetThroughput: --losses: " + e);
        } catch (PeerLosses.DifferentException e) {
            System.err.println("NetThroughput: " + e.getMessage());
            code = 1;
        }
        System.exit(code);
    }

    static Map<String, String> defaults() {
        Map<String, String> d = new LinkedHashMap<>();
        d.put("net", "lenet");
        d.put("device", "cpu");
        d.put("threads", "" + Runtime.getRuntime().availableProcessors());
        d.put("batch", "32");
        d.put("infer", "false");
        d.put("steps", "20");
        d.put("warmup", "6");
        d.put("mode", "graph");
        d.put("losses", "");
        return d;
    }

    private static Network network(Arguments a) {
        return Network.of(a.oneOf("net", Network.words()));
    }

    private static Map<String, Object> losses(Arguments a) throws IOException {
        return PeerLosses.check(network(a), Path.of(a.text("losses")), Device.of(a.text("device")));
    }

    /** The longest that it warms up for, in seconds: a processor may have other work for ever. */
    static final int MOST_WARM_UP = 40;

    /** Warms up for so many seconds, and on until Java has compiled what runs, and measures. */
    static Map<String, Object> run(Arguments a) {
        Network net = network(a);
        boolean graph = a.oneOf("mode", "graph", "eager").equals("graph");
        int batch = a.count("batch");
        Device device = Device.of(a.text("device"));
        Steps steps = new Steps(net, device, batch, a.on("infer"));
        int warmUp = a.number("warmup", 0);
        double warmedUp =
                warmUp == 0
                        ? 0
                        : WarmUp.untilCompiled(
                                warmUp, MOST_WARM_UP, 1000, () -> step(steps, graph));
        List<Double> rates = new ArrayList<>();
        double last = 0;
        for (int i = 0; i < a.count("steps"); i++) {
            long start = System.nanoTime();
            last = step(steps, graph);
            rates.add(batch * 1e9 / (System.nanoTime() - start));
        }
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("cortado", device.description());
        out.put("java", System.getProperty("java.vm.version"));
        out.put("net", net.word());
        out.put("device", device.name());
        out.put("threads", a.count("threads"));
        out.put("batch", batch);
        out.put("infer", a.on("infer"));
        out.put("steps", a.count("steps"));
        out.put("warmup", warmUp);
        out.put("warmed_up", warmedUp);
        out.put("step", graph ? steps.description() : "runs as it is written");
        out.put("parameters", steps.parameters());
        out.put("items_per_second", Series.median(rates));
        out.put("slowest", new Series(rates).min());
        out.put("last", last);
        return out;
    }

    private static double step(Steps steps, boolean graph) {
        return graph ? steps.compiled() : steps.eager();
    }
}
