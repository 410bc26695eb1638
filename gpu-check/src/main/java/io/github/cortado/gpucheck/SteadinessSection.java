package io.github.cortado.gpucheck;

import io.github.cortado.benchmarks.Answer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** Same bits, flat memory, and life after memory ran out. */
final class SteadinessSection implements Section {
    /** A part of the time that is for other things than steps. */
    private static final double STEPS = 0.5;

    @Override
    public String name() {
        return "steadiness";
    }

    @Override
    public String title() {
        return "LeNet's training steps on our own kernels: the bits of all parameters again, recorded,"
                + " and in a second process; bytes in use after up to 200,000 recorded and 20,000"
                + " written steps, as many as the time allows; training after memory ran out.";
    }

    @Override
    public int share() {
        return 40;
    }

    @Override
    public Optional<String> obstacle(Run run) {
        return run.machine().start().obstacle();
    }

    @Override
    public void run(Run run, Findings findings) {
        Setup own = Setup.own(run.options().libraries());
        int seconds = (int) Math.max(1, STEPS * run.left());
        Optional<Map<?, ?>> first = program(run, own, "steadiness", seconds, false, findings);
        Optional<Map<?, ?>> second =
                first.flatMap(f -> program(run, own, "steadiness-again", 1, true, findings));
        first.ifPresent(answer -> judge(answer, second, findings));
    }

    private static Optional<Map<?, ?>> program(
            Run run, Setup own, String log, int seconds, boolean bits, Findings findings) {
        List<String> sizes =
                run.isSmall()
                        ? List.of("--batch", "1", "--compared", "4", "--graph", "8", "--eager", "8")
                        : List.of("--batch", "100");
        List<String> words =
                new ArrayList<>(List.of("--device", run.device(), "--seconds", "" + seconds));
        words.addAll(sizes);
        if (bits) {
            words.add("--bits");
        }
        return run.answer(
                log,
                own,
                run.java(own, "2g", Steadiness.class.getName(), words.toArray(String[]::new)),
                findings);
    }

    private static void judge(Map<?, ?> answer, Optional<Map<?, ?>> second, Findings findings) {
        findings.put("results", answer);
        Table table = new Table("steps of", "number", "us a step", "bytes in use", "flat");
        for (String mode : List.of("graph", "eager")) {
            if (answer.get(mode) instanceof Map<?, ?> m) {
                row(table, mode, m, findings);
            }
        }
        findings.text(table.markdown());
        must(answer, "same_bits_again", "the same run again has other bits", findings);
        must(answer, "same_bits_recorded", "recorded steps have other bits", findings);
        Object bits = answer.get("bits");
        if (second.isPresent()
                && second.get().containsKey("bits")
                && !Objects.equals(second.get().get("bits"), bits)) {
            findings.fault("a second process has other bits");
        }
        findings.put("second_process_bits", second.map(s -> s.get("bits")).orElse(null) + "");
        if (answer.get("out_of_memory") instanceof Map<?, ?> m) {
            outOfMemory(m, findings);
        } else if (!Answer.isPartial(answer)) {
            findings.note("memory that runs out: tensors lie in Java's own memory here");
        }
        findings.summary(
                steps(answer, "graph")
                        + " recorded and "
                        + steps(answer, "eager")
                        + " written steps");
    }

    private static String steps(Map<?, ?> answer, String mode) {
        return answer.get(mode) instanceof Map<?, ?> m ? String.valueOf(m.get("steps")) : "no";
    }

    private static void row(Table table, String mode, Map<?, ?> m, Findings findings) {
        double seconds = Answer.number(m, "seconds_of_steps");
        long steps = (long) Answer.number(m, "steps");
        List<?> bytes = (List<?>) Objects.requireNonNull(m.get("bytes_in_use"), "bytes_in_use");
        table.row(
                mode,
                steps,
                steps == 0 ? "" : Table.number(1e6 * seconds / steps, 1),
                bytes.get(bytes.size() - 1),
                Objects.equals(true, m.get("flat")) ? "yes" : "NO");
        must(m, "flat", mode + " steps: bytes in use are not flat: " + bytes, findings);
    }

    /** What an answer that was cut off does not say is neither good nor bad. */
    private static void must(Map<?, ?> answer, String key, String otherwise, Findings findings) {
        if (answer.containsKey(key) && !Objects.equals(true, answer.get(key))) {
            findings.fault(otherwise);
        }
    }

    private static void outOfMemory(Map<?, ?> m, Findings findings) {
        String message = String.valueOf(m.get("message"));
        findings.text("When memory ran out: `" + message + "`");
        if (!message.contains("wanted") || !message.contains("can give")) {
            findings.fault("memory ran out, and nobody said how much was wanted: " + message);
        }
        // What was garbage before may be gone after.
        if (!(bytes(m, "bytes_in_use_after") <= bytes(m, "bytes_in_use_before"))) {
            findings.fault("memory that was given back is still in use: " + m);
        }
    }

    private static double bytes(Map<?, ?> m, String name) {
        return m.get(name) instanceof Number n ? n.doubleValue() : Double.NaN;
    }
}
