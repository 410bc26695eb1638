package io.github.cortado.oracle;

import io.github.cortado.Device;
import io.github.cortado.Tensor;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.zip.GZIPInputStream;

/**
 * PyTorch's values and gradients over a grid of extreme inputs, which {@code extremes/generate.py}
 * has made and whose format it tells, beside those of this library.
 */
final class ExtremeValues {
    /** Units in the last place that a result may be off, whatever PyTorch is off. */
    private static final int ULPS = 4;

    /** Cases on rows that are tried with the rows as columns too: other loops compute those. */
    private static final List<String> ALSO_ACROSS =
            List.of(
                    "softmax",
                    "logSoftmax",
                    "crossEntropy",
                    "sum",
                    "mean",
                    "meanOfSeven",
                    "layerNorm");

    private final Device device;
    private final List<String> faults = new ArrayList<>();
    private int inputs;
    private int numbers;

    private ExtremeValues(Device device) {
        this.device = device;
    }

    /**
     * A line of the file.
     *
     * @param single PyTorch's results in float32
     * @param exact its results of the same inputs in float64, rounded
     */
    @SuppressWarnings("ArrayRecordComponent") // Lines are not compared with one another.
    private record Line(float[] inputs, float[] single, float[] exact) {}

    /**
     * How many inputs were tried, how many numbers were compared, and what was off, a line each.
     */
    record Outcome(int inputs, int numbers, List<String> faults) {}

    /** Tries the whole grid on a device. */
    static Outcome compare(Device device) throws IOException {
        ExtremeValues values = new ExtremeValues(device);
        read().forEach(
                        (name, lines) -> {
                            values.compare(name, lines);
                            if (ALSO_ACROSS.contains(name)) {
                                values.compare(name + " across", lines);
                            }
                        });
        return new Outcome(values.inputs, values.numbers, values.faults);
    }

    private void compare(String name, List<Line> lines) {
        List<float[]> found = results(name, lines);
        inputs += lines.size();
        for (int i = 0; i < lines.size(); i++) {
            Line line = lines.get(i);
            if (found.size() != line.single.length) {
                throw new AssertionError(
                        name + ": " + found.size() + " results for " + line.single.length);
            }
            for (int j = 0; j < line.single.length; j++) {
                numbers++;
                float own = found.get(j)[i];
                if (isOff(name, line, j, own) && !differsOnPurpose(name, line, j, own)) {
                    faults.add(fault(name, line, j, own));
                }
            }
        }
    }

    /**
     * Whether {@code own} is further from the float64 result than a few ulps and what PyTorch's
     * float32 is. NaN and infinities are as in one of the two; so are arithmetic and the signs of
     * its zeros, bit by bit.
     */
    private static boolean isOff(String name, Line line, int result, float own) {
        float single = line.single[result];
        float exact = line.exact[result];
        if (Float.compare(own, single) == 0 || Float.compare(own, exact) == 0) {
            return false;
        }
        if (!Float.isFinite(own) || isExact(name, result)) {
            return true;
        }
        double ulp = Math.max(Math.ulp(exact), Math.ulp(unit(name, line, result)));
        double torch = Float.isFinite(single) ? Math.abs((double) single - exact) : 0;
        return !(Math.abs((double) own - exact) <= ULPS * ulp + torch + unseen(name));
    }

    /** Whether there is a single operation that rounds, so that there is a single right result. */
    private static boolean isExact(String name, int result) {
        return (result == 0 && List.of("add", "sub", "mul", "div", "dy:sqrt").contains(name))
                || List.of("dy:add", "dy:sub", "dy:mul", "dy:div", "dy:neg")
                        .contains(name.replaceFirst("(dy:\\w+):.*", "$1"));
    }

    /**
     * What float64 does not see either: less than half an ulp of 1, in a sum that begins with 1.
     */
    private static double unseen(String name) {
        return name.startsWith("logSoftmax") || name.startsWith("crossEntropy") ? 0x1p-53 : 0;
    }

    /** Larger numbers that a result is a difference of, to which its accuracy is relative. */
    private static float unit(String name, Line line, int result) {
        if (name.equals("crossEntropy:0.1") && result > 0) {
            return 1;
        }
        if (!name.startsWith("layerNorm") && !name.equals("rmsNorm")) {
            return 0;
        }
        int n = line.inputs.length;
        float y = largest(line.exact, n);
        return result < n ? y : y / largest(line.inputs, n);
    }

    private static float largest(float[] values, int n) {
        float largest = 0;
        for (int i = 0; i < n; i++) {
            largest = Float.isFinite(values[i]) ? Math.max(largest, Math.abs(values[i])) : largest;
        }
        return largest;
    }

    /**
     * ReLU is max(x, 0) as Java has it: -0 becomes 0, which PyTorch keeps. Through NaN it passes no
     * gradient, and ELU passes NaN, where PyTorch passes dy.
     */
    private static boolean differsOnPurpose(String name, Line line, int result, float own) {
        float x = line.inputs[0];
        return switch (name) {
            case "dy:relu" -> (result == 0 ? x == 0 : Float.isNaN(x)) && own == 0;
            case "dy:elu" -> result == 1 && Float.isNaN(x) && Float.isNaN(own);
            default -> false;
        };
    }

    private static String fault(String name, Line line, int result, float own) {
        StringBuilder s = new StringBuilder(name).append(" of");
        for (float input : line.inputs) {
            s.append(' ').append(input);
        }
        return s.append(", result ")
                .append(result)
                .append(": ")
                .append(own)
                .append(", PyTorch has ")
                .append(line.single[result])
                .append(", in float64 ")
                .append(line.exact[result])
                .toString();
    }

    /** Values and gradients of all lines, in columns. */
    private List<float[]> results(String name, List<Line> lines) {
        List<Tensor> x = new ArrayList<>();
        for (int i = 0; i < lines.get(0).inputs.length; i++) {
            x.add(column(lines, i));
        }
        boolean givenDy = name.startsWith("dy:");
        Tensor dy = givenDy ? x.remove(1) : Tensor.ones(lines.size()).to(device).copy();
        x.forEach(t -> t.requiresGrad(true));
        List<Tensor> y = ExtremeOperations.run(givenDy ? name.substring(3) : name, x);
        List<float[]> all = new ArrayList<>();
        y.forEach(t -> all.add(t.toFloats()));
        y.get(0).backward(dy);
        if (lines.get(0).single.length > all.size()) {
            x.forEach(t -> all.add(Objects.requireNonNull(t.grad()).toFloats()));
        }
        return all;
    }

    private Tensor column(List<Line> lines, int i) {
        float[] values = new float[lines.size()];
        for (int row = 0; row < values.length; row++) {
            values[row] = lines.get(row).inputs[i];
        }
        return Tensor.of(values, values.length).to(device).copy();
    }

    private static Map<String, List<Line>> read() throws IOException {
        Map<String, List<Line>> byCase = new LinkedHashMap<>();
        try (BufferedReader in =
                new BufferedReader(
                        new InputStreamReader(
                                new GZIPInputStream(
                                        Objects.requireNonNull(
                                                ExtremeValues.class.getResourceAsStream(
                                                        "/extremes/extremes.txt.gz"))),
                                StandardCharsets.US_ASCII))) {
            for (String text : in.lines().toList()) {
                String[] parts = text.split(" ; ", -1);
                int space = parts[0].indexOf(' ');
                float[] single = numbers(parts[1]);
                float[] exact = parts.length == 3 ? numbers(parts[2]) : single;
                byCase.computeIfAbsent(parts[0].substring(0, space), n -> new ArrayList<>())
                        .add(new Line(numbers(parts[0].substring(space + 1)), single, exact));
            }
        }
        return byCase;
    }

    private static float[] numbers(String text) {
        String[] words = text.split(" ", -1);
        float[] numbers = new float[words.length];
        for (int i = 0; i < words.length; i++) {
            numbers[i] = Float.intBitsToFloat(Integer.parseUnsignedInt(words[i], 16));
        }
        return numbers;
    }
}
