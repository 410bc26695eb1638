package io.github.cortado.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * What Linux says about the processor in {@code /proc/cpuinfo}.
 *
 * @param name model name, or "unknown"
 * @param mhz clock, where it is said; under a hypervisor mostly the nominal one, above which the
 *     processor may well run
 * @param unitBits sum of the widths of the multiply-add units of a core, where the model is one
 *     that we know
 */
public record Processor(String name, OptionalDouble mhz, OptionalInt unitBits) {
    private static final Processor HERE = read(Path.of("/proc/cpuinfo"));

    /** The processor of this machine. */
    public static Processor here() {
        return HERE;
    }

    /** Reads a file of that format; what it does not say is unknown. */
    static Processor read(Path file) {
        List<String> lines;
        try {
            lines = Files.readAllLines(file, StandardCharsets.UTF_8);
        } catch (IOException e) {
            lines = List.of();
        }
        Map<String, String> first = new HashMap<>();
        for (String line : lines) {
            int colon = line.indexOf(':');
            if (colon > 0) {
                first.putIfAbsent(
                        line.substring(0, colon).strip(), line.substring(colon + 1).strip());
            }
        }
        return new Processor(
                first.getOrDefault("model name", "unknown"), clock(first), unitBits(first));
    }

    private static OptionalDouble clock(Map<String, String> first) {
        try {
            return OptionalDouble.of(Double.parseDouble(first.getOrDefault("cpu MHz", "?")));
        } catch (NumberFormatException e) {
            return OptionalDouble.empty();
        }
    }

    /**
     * Two units of 256 bits in AMD's Zen 2 to 4 (which run a 512-bit instruction as two halves) and
     * of 512 in its server Zen 5, after AMD's optimisation guides; two of 512 in Intel's servers
     * from Ice Lake on, after Intel's. Other models are not guessed at.
     */
    private static OptionalInt unitBits(Map<String, String> first) {
        String vendor = first.getOrDefault("vendor_id", "");
        int family = number(first, "cpu family");
        int model = number(first, "model");
        if (vendor.equals("AuthenticAMD")) {
            return switch (family) {
                case 23 -> model >= 0x30 ? OptionalInt.of(512) : OptionalInt.empty();
                case 25 -> OptionalInt.of(512);
                case 26 -> model <= 0x1f ? OptionalInt.of(1024) : OptionalInt.empty();
                default -> OptionalInt.empty();
            };
        }
        if (vendor.equals("GenuineIntel") && family == 6) {
            return switch (model) {
                // Ice Lake, Sapphire Rapids, Emerald Rapids, Granite Rapids
                case 0x6a, 0x6c, 0x8f, 0xcf, 0xad -> OptionalInt.of(1024);
                default -> OptionalInt.empty();
            };
        }
        return OptionalInt.empty();
    }

    private static int number(Map<String, String> first, String key) {
        String value = first.getOrDefault(key, "");
        return value.matches("\\d{1,6}") ? Integer.parseInt(value) : -1;
    }

    /** Units that work on a vector of that many floats at once; half as many where one is split. */
    private OptionalDouble units(int lanes) {
        if (unitBits.isEmpty()) {
            return OptionalDouble.empty();
        }
        // Both kinds have two units; a shorter vector leaves a part of each idle.
        return OptionalDouble.of(Math.min(2, unitBits.getAsInt() / (32.0 * lanes)));
    }

    /** GFLOP/s of one thread by lanes x 2 x units x clock, where all of it is known. */
    OptionalDouble nominalGflops(int lanes) {
        OptionalDouble units = units(lanes);
        return units.isPresent() && mhz.isPresent()
                ? OptionalDouble.of(lanes * 2 * units.getAsDouble() * mhz.getAsDouble() / 1000)
                : OptionalDouble.empty();
    }

    /** One line on {@link #nominalGflops} and where it comes from. */
    String nominal(int lanes) {
        OptionalDouble units = units(lanes);
        OptionalDouble gflops = nominalGflops(lanes);
        return String.format(
                Locale.ROOT,
                "nominal   %s GFLOP/s a thread = %d lanes x 2 x %s units x %s (%s, its clock as the"
                        + " system states it; boost is not in it)",
                gflops.isPresent()
                        ? String.format(Locale.ROOT, "%8.1f", gflops.getAsDouble())
                        : " unknown",
                lanes,
                units.isPresent()
                        ? String.format(Locale.ROOT, "%.0f", units.getAsDouble())
                        : "unknown",
                mhz.isPresent()
                        ? String.format(Locale.ROOT, "%.2f GHz", mhz.getAsDouble() / 1000)
                        : "unknown clock",
                name);
    }
}
