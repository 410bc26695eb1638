package io.github.cortado.example.cifar;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * The command line. Exit codes: 0 done, 1 failed on the way, 2 a command line that cannot be
 * carried out, 130 ended by Ctrl-C.
 */
@Command(
        name = "cortado-cifar",
        description =
                "LeNet, or a stronger network, learns CIFAR-10. What begins with an option trains.",
        footer = {
            "",
            "Each command has its own --help, such as: train --help.",
            "Exit codes: 0 done, 1 failed, 2 wrong command line, 130 ended by Ctrl-C."
        },
        mixinStandardHelpOptions = true,
        version = "Cortado CIFAR-10 example 0.1.0-SNAPSHOT",
        subcommands = {
            TrainCommand.class,
            EvaluateCommand.class,
            ClassifyCommand.class,
            DoctorCommand.class
        })
public final class Main {
    private static final Set<String> ANSWERED_HERE = Set.of("-h", "--help", "-V", "--version");

    private Main() {}

    /** Runs a command; ends the process only where the exit code is not 0. */
    @SuppressWarnings("DefaultCharset") // The console's, which System.out and System.err know.
    public static void main(String[] args) {
        System.setProperty("java.awt.headless", "true");
        int exitCode =
                run(new PrintWriter(System.out, true), new PrintWriter(System.err, true), args);
        // When Ctrl-C is what ended the run, the process is ending with 130 already, and exit()
        // would wait for itself.
        if (exitCode != ExitCode.OK && exitCode != Interruption.EXIT_CODE) {
            System.exit(exitCode);
        }
    }

    /** Runs a command, printing to these, and returns the exit code. */
    static int run(PrintWriter out, PrintWriter err, String... args) {
        CommandLine commandLine =
                new CommandLine(new Main())
                        .setOut(out)
                        .setErr(err)
                        .setOverwrittenOptionsAllowed(false)
                        .setParameterExceptionHandler(Main::explain)
                        .setExecutionExceptionHandler((e, at, parsed) -> explain(e, at));
        int exitCode;
        try {
            exitCode = commandLine.execute(withCommand(args));
        } catch (OutOfMemoryError e) {
            err.println("error: " + Reason.of(e));
            exitCode = UserErrorException.FAILED;
        }
        out.flush();
        err.flush();
        return exitCode;
    }

    /** What does not begin with a command trains. */
    private static String[] withCommand(String... args) {
        if (args.length > 0 && (ANSWERED_HERE.contains(args[0]) || !args[0].startsWith("-"))) {
            return args;
        }
        String[] all = new String[args.length + 1];
        all[0] = "train";
        System.arraycopy(args, 0, all, 1, args.length);
        return all;
    }

    private static int explain(ParameterException e, String... args) {
        CommandLine at = e.getCommandLine();
        String message = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
        if (e instanceof UnmatchedArgumentException unmatched) {
            String first = unmatched.getUnmatched().get(0);
            if (first.startsWith("-")) {
                message = "there is no option " + first;
            } else if (at.getParent() == null) {
                message =
                        "there is no command '"
                                + first
                                + "', expected one of "
                                + String.join(", ", at.getSubcommands().keySet());
            } else {
                message = "nothing is expected where '" + first + "' stands";
            }
        }
        at.getErr().println("error: " + message + " (--help shows the options)");
        return UserErrorException.USAGE;
    }

    private static int explain(Exception e, CommandLine at) throws Exception {
        if (e instanceof UserErrorException user) {
            at.getErr().println("error: " + user.getMessage());
            return user.exitCode();
        }
        if (e instanceof IOException) {
            at.getErr().println("error: " + Reason.of(e));
            return UserErrorException.FAILED;
        }
        throw e;
    }
}
