package io.github.cortado.examples;

import io.github.cortado.examples.text.GptCommand;
import io.github.cortado.examples.transfer.FolderCommand;
import io.github.cortado.examples.transfer.TransferCommand;
import java.io.IOException;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command line. Exit codes: 0 done, 1 failed on the way, 2 a wrong command line. */
@Command(
        name = "cortado-examples",
        description = "Small programs, one idea each.",
        footer = {"", "Each command has its own --help, such as: gpt --help."},
        mixinStandardHelpOptions = true,
        version = "Cortado examples 0.1.0-SNAPSHOT",
        subcommands = {GptCommand.class, FolderCommand.class, TransferCommand.class})
public final class Main implements Runnable {
    @Spec private CommandSpec spec;

    private Main() {}

    /** Runs a command; ends the process only where the exit code is not 0. */
    @SuppressWarnings("DefaultCharset") // The console's, which System.out and System.err know.
    public static void main(String[] args) {
        System.setProperty("java.awt.headless", "true");
        int exitCode =
                run(new PrintWriter(System.out, true), new PrintWriter(System.err, true), args);
        if (exitCode != ExitCode.OK) {
            System.exit(exitCode);
        }
    }

    /** Without a command, says which there are. */
    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(),
                "expected a command, one of "
                        + String.join(", ", spec.commandLine().getSubcommands().keySet()));
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
        int exitCode = commandLine.execute(args);
        out.flush();
        err.flush();
        return exitCode;
    }

    private static int explain(ParameterException e, String... args) {
        String message = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
        e.getCommandLine().getErr().println("error: " + message + " (--help shows the options)");
        return UserErrorException.USAGE;
    }

    private static int explain(Exception e, CommandLine at) throws Exception {
        if (e instanceof UserErrorException user) {
            at.getErr().println("error: " + user.getMessage());
            return user.exitCode();
        }
        if (e instanceof IOException) {
            at.getErr().println("error: " + e.getMessage());
            return UserErrorException.FAILED;
        }
        throw e;
    }
}
