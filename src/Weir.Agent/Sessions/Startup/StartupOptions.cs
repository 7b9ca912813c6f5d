using System.Text;
using Weir.Protocol.Postgres;

namespace Weir.Agent.Sessions.Startup;

/// <summary>
/// The <c>options</c> parameter of a startup message: command-line arguments of a backend, separated by white space, a backslash taking the
/// next character literally. Only settings (<c>-c name=value</c>, <c>-cname=value</c>, <c>--name=value</c>) are understood; the other switches of a backend are refused.
/// </summary>
internal static class StartupOptions
{
    public static List<KeyValuePair<string, string>> Parse(string options)
    {
        var settings = new List<KeyValuePair<string, string>>();
        var arguments = Split(options);
        for (var i = 0; i < arguments.Count; i++)
        {
            var argument = arguments[i];
            string setting;
            if (argument == "-c")
            {
                if (++i == arguments.Count)
                    throw Refused();
                setting = arguments[i];
            }
            else if (argument.StartsWith("--", StringComparison.Ordinal))
            {
                setting = argument[2..];
            }
            else if (argument.StartsWith("-c", StringComparison.Ordinal))
            {
                setting = argument[2..];
            }
            else
            {
                throw Refused();
            }

            var equals = setting.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
                throw Refused();
            // The server takes dashes of a setting's name on the command line as underscores.
            settings.Add(new(setting[..equals].Replace('-', '_').ToLowerInvariant(), setting[(equals + 1)..]));
        }

        return settings;
    }

    private static List<string> Split(string options)
    {
        var arguments = new List<string>();
        var current = new StringBuilder();
        var isOpen = false;
        for (var i = 0; i < options.Length; i++)
        {
            var c = options[i];
            if (c is ' ' or '\t' or '\n' or '\r' or '\f' or '\v')
            {
                if (isOpen)
                    arguments.Add(current.ToString());
                current.Clear();
                isOpen = false;
                continue;
            }

            isOpen = true;
            if (c == '\\' && i + 1 < options.Length)
                c = options[++i];
            current.Append(c);
        }

        if (isOpen)
            arguments.Add(current.ToString());
        return arguments;
    }

    private static ProtocolViolationException Refused() =>
        new("weir: only settings (-c name=value) are supported in startup options", SqlStates.FeatureNotSupported, isFatal: true);
}
