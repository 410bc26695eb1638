package io.github.cortado.benchmarks;

import io.github.cortado.Device;
import io.github.cortado.Tensor;
import io.github.cortado.benchmarks.nets.PeerLosses;
import io.github.cortado.io.SafeTensors;
import io.github.cortado.models.GPT;
import io.github.cortado.models.Sampling;
import io.github.cortado.random.Seed;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The speed at which a small GPT writes, as a JSON line: symbols a second by the median of some
 * texts, each behind a prompt of one symbol, the likeliest at each place. What it is compared with
 * is {@code benchmarks/peer/generate_torch.py}, of the same options.
 *
 * <p>With {@code --check FILE} nothing is timed: with that script's weights it has to write the
 * script's text, and ends with code 1 if it writes another.
 */
public final class GenerationThroughput {
    private static final int PROMPT = 1;
    private static final GPT.Sizes SIZES = new GPT.Sizes(96, 256, 192, 6, 6);

    private GenerationThroughput() {}

    /** Runs the program. */
    public static void main(String[] line) {
        int code = 2;
        try {
            Arguments a = Arguments.parse(List.of(line), defaults());
            // Read once, by the first device that opens.
            System.setProperty("cortado.threads", "" + a.count("threads"));
            Map<String, Object> answer = a.text("check").isEmpty() ? run(a) : check(a);
            new Answer(System.out).whole(answer);
            code = Boolean.FALSE.equals(answer.get("same")) ? 1 : 0;
        } catch (Arguments.UsageException e) {
            System.err.println("GenerationThroughput: " + e.getMessage());
        } catch (IOException e) {
            System.err.println("GenerationThroughput: --check: " + e);
        }
        System.exit(code);
    }

    static Map<String, String> defaults() {
        Map<String, String> d = new LinkedHashMap<>();
        d.put("device", "cpu");
        d.put("threads", "" + Runtime.getRuntime().availableProcessors());
        d.put("symbols", "200");
        d.put("steps", "20");
        d.put("warmup", "6");
        d.put("check", "");
        return d;
    }

    private static GPT model(Device device) {
        Seed.manualSeed(0);
        GPT model = new GPT(SIZES, 0);
        model.to(device).eval();
        return model;
    }

    private static Tensor text(GPT model, Device device, int symbols) {
        Tensor prompt = Tensor.of(new long[] {PROMPT}, 1, 1).to(device);
        return model.generate(prompt, symbols, Sampling.greedy());
    }

    /** The text of a file, and whether it is written. */
    static Map<String, Object> check(Arguments a) throws IOException {
        Device device = Device.of(a.text("device"));
        Map<String, Tensor> all = SafeTensors.load(Path.of(a.text("check")));
        GPT model = new GPT(SIZES, 0);
        model.loadStateDict(PeerLosses.weights(all));
        model.to(device).eval();
        Tensor expected = all.get("text");
        if (expected == null) {
            throw new IOException(a.text("check") + " has no tensor 'text'");
        }
        long[] found = text(model, device, expected.size() - 1).toLongs();
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("symbols", expected.size() - 1);
        out.put("different", Arrays.stream(expected.toLongs()).distinct().count());
        out.put("same", Arrays.equals(found, expected.toLongs()));
        return out;
    }

    /** Warms up for so many seconds, and on until Java has compiled what runs, and measures. */
    static Map<String, Object> run(Arguments a) {
        Device device = Device.of(a.text("device"));
        int symbols = a.count("symbols");
        GPT model = model(device);
        double warmedUp =
                WarmUp.untilCompiled(
                        a.count("warmup"),
                        NetThroughput.MOST_WARM_UP,
                        100,
                        () -> text(model, device, symbols).size());
        List<Double> rates = new ArrayList<>();
        for (int i = 0; i < a.count("steps"); i++) {
            long start = System.nanoTime();
            text(model, device, symbols);
            rates.add(symbols * 1e9 / (System.nanoTime() - start));
        }
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("cortado", device.description());
        out.put("java", System.getProperty("java.vm.version"));
        out.put("device", device.name());
        out.put("threads", a.count("threads"));
        out.put("symbols", symbols);
        out.put("steps", a.count("steps"));
        out.put("warmed_up", warmedUp);
        out.put("symbols_per_second", Series.median(rates));
        out.put("slowest", new Series(rates).min());
        return out;
    }
}
