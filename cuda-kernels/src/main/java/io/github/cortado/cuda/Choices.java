package io.github.cortado.cuda;

import io.github.cortado.backend.Buffer;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Decides who computes what: what the user asked for, else what was measured, else the committed
 * table. What a library cannot do goes to our own kernels, which can do everything: empty tensors,
 * addresses that are not aligned, sizes for which it has no code. A choice depends on sizes, places
 * in memory and the machine, and on nothing that changes from run to run.
 */
final class Choices implements AutoCloseable {
    private static final int MOST_TASKS = 4096;

    private final Gpu gpu;
    private final Preferences preferences;
    private final Libraries libraries;
    private final ChoiceTable table;
    private final MeasuredPlan measured;
    private final MissingParts missing;
    private final Set<Taken> taken = new LinkedHashSet<>();
    private final Recent<Task, Way> made = new Recent<>(MOST_TASKS, way -> {});

    /** The way in which a library has computed an operation. */
    record Taken(Op op, Way way) {}

    /**
     * Reads the table and the plan.
     *
     * @throws IllegalArgumentException if a library is asked for that is not there, saying why not,
     *     or the plan is not this machine's
     */
    Choices(Gpu gpu, NativeLibraries natives, Preferences preferences, ChoiceTable table) {
        this.gpu = gpu;
        this.preferences = preferences;
        this.table = table;
        missing = new MissingParts(preferences);
        libraries = new Libraries(gpu, natives, preferences);
        preferences
                .required()
                .forEach(
                        (library, setting) -> {
                            if (!libraries.has(library)) {
                                throw new IllegalArgumentException(
                                        "-D" + setting + ": " + libraries.describe(library));
                            }
                        });
        boolean needed = preferences.autotune() || preferences.plan().isPresent();
        measured =
                MeasuredPlan.open(
                        needed ? machine() : Map.of(),
                        preferences.plan().orElse(null),
                        preferences.autotune());
    }

    /** What measurements depend on. */
    private Map<String, Object> machine() {
        Map<String, Object> machine = new LinkedHashMap<>();
        machine.put("gpu", gpu.properties().name());
        machine.put("capability", (long) gpu.properties().capability());
        libraries.cublas().ifPresent(c -> machine.put("cublas", (long) c.version()));
        libraries.cudnn().ifPresent(c -> machine.put("cudnn", Cudnn.version()));
        return machine;
    }

    Libraries libraries() {
        return libraries;
    }

    /** cuBLAS, for a task that was given to it. */
    Cublas cublas() {
        return libraries.cublas().orElseThrow();
    }

    /** cuDNN, for a task that was given to it. */
    Cudnn cudnn() {
        return libraries.cudnn().orElseThrow();
    }

    /**
     * Computes a task one way or the other.
     *
     * @param own computes it with our own kernels
     * @param library computes it with a library
     * @param operands what it reads and writes
     */
    void run(Task task, Runnable own, Consumer<Way> library, @Nullable Buffer... operands) {
        if (preferences.families().get(task.op().family()) == Library.OWN) {
            own.run();
            return;
        }
        try (Gpu.Turn t = gpu.turn()) {
            Way way = way(task, own, library, operands);
            if (way.isOwn()) {
                own.run();
                return;
            }
            try {
                library.accept(way);
                taken.add(new Taken(task.op(), way));
            } catch (CudaException e) {
                if (!Cudnn.isNotSupported(e.status())) {
                    missing.note(task.op().family(), e);
                }
                // It had promised to. What was computed is overwritten, and it will not be asked
                // again: for this if it has no code for it, for none of the kind if a part of it
                // is not there.
                made.put(task, Way.OWN);
                own.run();
            }
        }
    }

    /**
     * Whether a task is one for our own kernels, which can do more in the same pass. What is yet to
     * be measured is not: it is measured by itself first.
     */
    boolean isOwn(Task task) {
        Family family = task.op().family();
        if (preferences.families().get(family) == Library.OWN || missing.concern(family)) {
            return true;
        }
        Way way = made.get(task);
        if (way == null) {
            way = measured.fastest(task).orElse(null);
        }
        if (way != null) {
            return way.isOwn();
        }
        boolean decided = preferences.families().get(family) != null;
        if (!decided && preferences.autotune() && gpu.recording() == null) {
            return false;
        }
        boolean ownByTable =
                !decided && table.choice(task, gpu.properties().capability()) == Library.OWN;
        return ownByTable || ways(task).isEmpty();
    }

    private Way way(Task task, Runnable own, Consumer<Way> library, @Nullable Buffer... operands) {
        Family family = task.op().family();
        if (missing.concern(family)
                || (family.library() == Library.CUDNN && !areAligned(operands))) {
            return Way.OWN;
        }
        Way way = made.get(task);
        if (way == null) {
            way = choose(task, own, library);
            made.put(task, way);
        }
        return way;
    }

    private static boolean areAligned(@Nullable Buffer... operands) {
        for (@Nullable Buffer b : operands) {
            if (Gpu.address(b) % Cudnn.ALIGNMENT != 0) {
                return false;
            }
        }
        return true;
    }

    private Way choose(Task task, Runnable own, Consumer<Way> library) {
        Family family = task.op().family();
        Library asked = preferences.families().get(family);
        if (asked != null) {
            return ways(task).stream().findFirst().orElse(Way.OWN);
        }
        Optional<Way> fastest = measured.fastest(task);
        if (fastest.isPresent()) {
            return fastest.get();
        }
        // Dropout by cuDNN draws other masks: it is no matter of speed.
        if (preferences.autotune() && family != Family.DROPOUT && gpu.recording() == null) {
            return measure(task, own, library);
        }
        return table.choice(task, gpu.properties().capability()) == Library.OWN
                ? Way.OWN
                : ways(task).stream().findFirst().orElse(Way.OWN);
    }

    /** The ways in which a library can compute a task, its favourite first. */
    private List<Way> ways(Task task) {
        if (task.spec() instanceof Product p) {
            return Cublas.supports(p) && libraries.has(Library.CUBLAS)
                    ? List.of(Way.CUBLAS)
                    : List.of();
        }
        try {
            return libraries.cudnn().map(c -> c.ways(task)).orElse(List.of());
        } catch (CudaException e) {
            missing.note(task.op().family(), e);
            return List.of();
        }
    }

    /** Runs all ways and keeps the fastest. Results are overwritten, so they may run repeatedly. */
    private Way measure(Task task, Runnable own, Consumer<Way> library) {
        Family family = task.op().family();
        Map<Way, Stopwatch.Time> times = new LinkedHashMap<>();
        try (Stopwatch watch = new Stopwatch(gpu)) {
            times.put(Way.OWN, watch.time(own));
            for (Way way : ways(task)) {
                try {
                    times.put(way, watch.time(() -> library.accept(way)));
                } catch (CudaException e) {
                    if (!Cudnn.isNotSupported(e.status())) {
                        missing.note(family, e);
                        break;
                    }
                    // It had promised to; then it is no candidate.
                }
            }
        }
        // What was measured without a part of a library is not true of this machine once it is
        // there.
        return missing.concern(family) ? Way.OWN : measured.add(task, times);
    }

    /** What was chosen for a task so far. */
    Optional<Way> made(Task task) {
        return Optional.ofNullable(made.get(task));
    }

    /**
     * The ways in which libraries have computed since this was last asked, which says how exact the
     * results are; there are as many as operations and algorithms.
     */
    Set<Taken> taken() {
        try (Gpu.Turn t = gpu.turn()) {
            Set<Taken> since = new LinkedHashSet<>(taken);
            taken.clear();
            return since;
        }
    }

    /** Lines for people: what is there, and who computes what. */
    List<String> describe() {
        List<String> lines = new ArrayList<>();
        for (Library library : List.of(Library.CUBLAS, Library.CUDNN)) {
            lines.add(libraries.describe(library));
        }
        Map<Family, String> asked = new EnumMap<>(Family.class);
        preferences
                .families()
                .forEach((family, l) -> asked.put(family, family.property() + ": " + l.title()));
        lines.addAll(asked.values());
        try {
            tryOut();
        } catch (CudaException e) {
            // cuDNN was asked for by name, and the first convolution will say the same.
            lines.add(e.getMessage());
        }
        lines.addAll(missing.describe());
        if (preferences.autotune()) {
            lines.add("what is not in the plan yet: by measurement, at its first use");
        }
        lines.addAll(table.describe(gpu.properties().capability()));
        lines.add("everything else: " + Library.OWN.title());
        return lines;
    }

    /** Finds out whether parts of cuDNN are missing that are only looked for in a convolution. */
    private void tryOut() {
        Family family = Family.CONV;
        boolean own = preferences.families().get(family) == Library.OWN;
        if (own || missing.concern(family)) {
            return;
        }
        try (Gpu.Turn t = gpu.turn()) {
            if (gpu.recording() == null) {
                libraries.cudnn().ifPresent(Cudnn::tryOut);
            }
        } catch (CudaException e) {
            missing.note(family, e);
        }
    }

    @Override
    public void close() {
        libraries.close();
    }
}
