package io.github.cortado.cuda;

import io.github.cortado.backend.ContractCase;
import io.github.cortado.backend.ContractCases;
import io.github.cortado.backend.Placing;
import io.github.cortado.backend.TargetsThatAreNoClass;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * Something that fails with an AssertionError where a kernel does not do what it should: a row of
 * the contract, or what is no row.
 */
record Check(String title, BiConsumer<CudaBackend, Placing> body) {
    /** All that the tests of the backend ask for. */
    static List<Check> all() {
        List<Check> checks = new ArrayList<>();
        for (ContractCase c : ContractCases.all()) {
            List<Object> expected = c.expected();
            checks.add(
                    new Check(
                            c.toString(),
                            (backend, p) -> c.check(expected, c.results(backend, p), p)));
        }
        checks.add(
                new Check(
                        "targets that are no class",
                        (backend, p) -> TargetsThatAreNoClass.check(backend)));
        for (RecordedNumbers.Update update : RecordedNumbers.Update.values()) {
            checks.add(
                    new Check(
                            "recorded numbers, " + update,
                            (backend, p) -> RecordedNumbers.check(backend, update)));
        }
        return checks;
    }

    /** The rows of the contract for a method. */
    static List<Check> of(String method) {
        return all().stream().filter(c -> c.title.startsWith(method + " ")).toList();
    }

    void run(CudaBackend backend, Placing placing) {
        body.accept(backend, placing);
    }

    @Override
    public String toString() {
        return title;
    }
}
