package io.github.cortado.gpucheck;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * cuBLAS and cuDNN: whether both can be used here, or at least one.
 *
 * @param lines what the backend says of them
 */
record LibrarySearch(Setup setup, List<String> lines) {
    private static final List<String> USES = List.of("cublas,cudnn", "cublas", "cudnn");
    private static final List<String> TITLES = List.of("cuBLAS", "cuDNN");

    /** Looks where the command line says, among PyTorch's packages, and where the backend looks. */
    static Found<LibrarySearch> search(Run run, Found<Peer> peer) {
        Stream<String> packages = peer.it().stream().flatMap(p -> p.libraries().stream());
        String directories =
                Stream.concat(Stream.of(run.options().libraries()), packages)
                        .filter(d -> !d.isEmpty())
                        .distinct()
                        .collect(Collectors.joining(":"));
        String why = "";
        for (String use : USES) {
            Setup setup = Setup.libraries(directories, use);
            Child child =
                    run.run(
                            "start-" + use.replace(',', '-'),
                            setup,
                            StartUp.program(run, setup, true),
                            SmokeSection.START_SECONDS);
            if (child.whole().isPresent()) {
                return Found.yes(new LibrarySearch(setup, lines(child.whole().get())));
            }
            why = why.isEmpty() ? Machine.whyNot(child) : why;
        }
        return Found.no(why);
    }

    private static List<String> lines(Map<?, ?> answer) {
        Stream<?> report = answer.get("report") instanceof List<?> r ? r.stream() : Stream.of();
        return report.map(Object::toString)
                .filter(line -> TITLES.stream().anyMatch(line::startsWith))
                .toList();
    }
}
