using System.CommandLine;
using System.Text;
using System.Text.Json.Nodes;
using Weir.Cli.Api;
using Weir.Cli.Output;

namespace Weir.Cli.Commands;

/// <summary><c>weir login</c>: keeps the control plane's address and a token for the commands that follow.</summary>
internal static class LoginCommand
{
    public static Command Create(CommandContext context)
    {
        var url = new Option<string?>("--url") { Description = "address of the control plane (default: WEIR_API_URL)" };
        var email = new Option<string?>("--email") { Description = "sign in with e-mail and password; the password is read from the terminal or standard input" };
        var token = new Option<bool>("--with-token") { Description = "read an API token from standard input instead" };
        var output = OutputOption.Create();
        var command = new Command("login", "Sign in and remember it") { url, email, token, output };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var address = parsed.GetValue(url) ?? context.ApiUrl ?? throw new CommandFailure("give --url, or set WEIR_API_URL", ExitCodes.Usage);
            string secret;
            if (parsed.GetValue(token))
            {
                secret = (await context.Input.ReadLineAsync(cancellationToken))?.Trim() is { Length: > 0 } line
                    ? line
                    : throw new CommandFailure("no token came on standard input", ExitCodes.Usage);
            }
            else
            {
                var name = parsed.GetValue(email) ?? throw new CommandFailure("give --email, or --with-token", ExitCodes.Usage);
                using var anonymous = new ApiClient(address, null);
                var body = new JsonObject { ["email"] = name, ["password"] = ReadPassword(context) };
                secret = (await anonymous.PostAsync("api/v1/login", body, cancellationToken))["token"]!.GetValue<string>();
            }

            using var api = new ApiClient(address, secret);
            var me = await api.GetAsync("api/v1/me", cancellationToken);
            new LoginFile(address, secret).Write(context.LoginLocation);
            Printer.Object(context.Output, parsed.GetValue(output), me, "name", "kind", "groups", "roles", "organization");
            return ExitCodes.Done;
        });
        return command;
    }

    private static string ReadPassword(CommandContext context)
    {
        if (context.Input != Console.In || Console.IsInputRedirected)
        {
            return context.Input.ReadLine() ?? throw new CommandFailure("no password came on standard input", ExitCodes.Usage);
        }

        context.Error.Write("Password: ");
        var password = new StringBuilder();
        while (Console.ReadKey(intercept: true) is { Key: not ConsoleKey.Enter } key)
        {
            if (key.Key == ConsoleKey.Backspace)
            {
                password.Length = Math.Max(0, password.Length - 1);
            }
            else if (!char.IsControl(key.KeyChar))
            {
                password.Append(key.KeyChar);
            }
        }

        context.Error.WriteLine();
        return password.ToString();
    }
}
