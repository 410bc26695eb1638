package io.github.cortado.cuda;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.DynamicTestInvocationContext;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;

/**
 * The tests that earlier processes have begun with, by their ids in a file, a line for each. JUnit
 * finds this as a service, and asks it only where {@link GpuTests} says so; then it leaves them
 * out.
 */
public final class DoneTests implements ExecutionCondition, InvocationInterceptor {
    private static volatile Set<String> ids = Set.of();
    private static volatile Path file = Path.of("");

    /** Reads the file, which need not be there, and has {@link #note} append to it. */
    static void in(Path done) {
        file = done;
        try {
            ids = Files.exists(done) ? new HashSet<>(Files.readAllLines(done)) : Set.of();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether an earlier process has begun with it. */
    static boolean has(String id) {
        return ids.contains(id);
    }

    /** Notes it for the processes to come, before it can take this one along. */
    static void note(String id) {
        try {
            Files.write(file, List.of(id), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        return has(context.getUniqueId())
                ? ConditionEvaluationResult.disabled("an earlier process has begun with it")
                : ConditionEvaluationResult.enabled("nobody has begun with it");
    }

    /** Conditions are not asked about dynamic tests. */
    @Override
    public void interceptDynamicTest(
            Invocation<Void> invocation,
            DynamicTestInvocationContext test,
            ExtensionContext context)
            throws Throwable {
        if (has(context.getUniqueId())) {
            invocation.skip();
        } else {
            invocation.proceed();
        }
    }
}
