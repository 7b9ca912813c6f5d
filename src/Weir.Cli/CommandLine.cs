using System.CommandLine;
using System.Text.Json;
using Weir.Cli.Commands;
using Weir.Cli.Output;

namespace Weir.Cli;

/// <summary>The root of <c>weir</c>: builds the commands and turns what happens into exit status and messages.</summary>
internal static class CommandLine
{
    public static async Task<int> RunAsync(string[] args, CommandContext context, CancellationToken cancellationToken)
    {
        var (output, error) = (context.Output, context.Error);
        var root = new RootCommand("weir: safe access to production databases for people and AI agents")
        {
            LoginCommand.Create(context),
            ApplyCommands.CreateApply(context),
            ApplyCommands.CreateDiff(context),
            DocumentCommands.CreateGet(context),
            DocumentCommands.CreateDelete(context),
            ConnectCommands.CreateConnect(context),
            ConnectCommands.CreatePsql(context),
            CredentialCommands.Create(context),
            ReviewCommands.Create(context),
            RequestCommands.Create(context),
            GrantCommands.Create(context),
            PackCommands.Create(context),
            SessionCommands.Create(context),
            AuditCommands.Create(context),
            AgentCommands.Create(context),
            PrincipalCommands.Create(context),
            WebhookCommands.Create(context),
            PolicyCommands.Create(context),
        };

        var parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var fault in parsed.Errors)
            {
                await error.WriteLineAsync($"weir: {fault.Message}");
            }

            await error.WriteLineAsync($"weir: see 'weir {string.Join(' ', args.TakeWhile(a => !a.StartsWith('-')).Append("--help"))}'");
            return ExitCodes.Usage;
        }

        try
        {
            var settings = new InvocationConfiguration { EnableDefaultExceptionHandler = false, Output = output, Error = error };
            return await parsed.InvokeAsync(settings, cancellationToken);
        }
        catch (CommandFailure failure)
        {
            await error.WriteLineAsync($"weir: {TerminalText.Clean(failure.Message)}");
            return failure.ExitCode;
        }
        catch (HttpRequestException fault)
        {
            await error.WriteLineAsync($"weir: can't reach {context.ApiUrl}: {fault.Message}. Is WEIR_API_URL right and the control plane running?");
            return ExitCodes.Failed;
        }
        catch (JsonException)
        {
            await error.WriteLineAsync($"weir: what answers at {context.ApiUrl} is no control plane: it sent something else than JSON");
            return ExitCodes.Failed;
        }
        catch (OperationCanceledException)
        {
            if (!cancellationToken.IsCancellationRequested)
            {
                await error.WriteLineAsync($"weir: {context.ApiUrl} did not answer in time");
            }

            return ExitCodes.Failed;
        }
    }
}
