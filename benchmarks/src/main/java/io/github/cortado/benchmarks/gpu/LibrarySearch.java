package io.github.cortado.benchmarks.gpu;

import io.github.cortado.benchmarks.Program;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** cuBLAS and cuDNN: whether both can be used here, or at least one. */
final class LibrarySearch {
    private static final List<String> USES = List.of("cublas,cudnn", "cublas", "cudnn");

    private LibrarySearch() {}

    /** Looks where the command line says, among PyTorch's packages, and where the backend looks. */
    static Found<Setup> search(Run run, Found<Peer> peer) {
        Stream<String> packages = peer.it().stream().flatMap(p -> p.libraries().stream());
        String directories =
                Stream.concat(Stream.of(run.options().libraries()), packages)
                        .filter(d -> !d.isEmpty())
                        .distinct()
                        .collect(Collectors.joining(":"));
        String why = "";
        for (String use : USES) {
            Setup setup = Setup.libraries(directories, use);
            Program program = StartUp.program(run, setup, true);
            Child child =
                    run.run(
                            "start-" + use.replace(',', '-'),
                            setup,
                            program,
                            Machine.START_SECONDS);
            Map<?, ?> answer = child.isGood() ? child.json().orElse(Map.of()) : Map.of();
            if (String.valueOf(answer.get("report")).contains("cuBLAS")) {
                return Found.yes(setup);
            }
            if (!answer.isEmpty()) {
                return Found.no("this build makes no use of them");
            }
            why = why.isEmpty() ? Machine.whyNot(child) : why;
        }
        return Found.no(why);
    }
}
