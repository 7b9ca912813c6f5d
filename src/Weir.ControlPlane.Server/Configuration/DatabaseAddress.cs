using Npgsql;

namespace Weir.ControlPlane.Server.Configuration;

/// <summary>From the URL that people write (<c>postgresql://user:password@host:port/database?sslmode=verify-full</c>) to what the driver takes.</summary>
internal static class DatabaseAddress
{
    /// <exception cref="ConfigurationException">No such URL. The message never repeats it: it holds a password.</exception>
    public static string ToConnectionString(string url)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address) || address.Scheme is not ("postgresql" or "postgres") || address.AbsolutePath.Length < 2)
        {
            throw new ConfigurationException(["WEIR_DATABASE_URL: not of the form postgresql://user:password@host:port/database"]);
        }

        var user = address.UserInfo.Split(':', 2);
        var builder = new NpgsqlConnectionStringBuilder
        {
            Host = Uri.UnescapeDataString(address.Host),
            Port = address.Port > 0 ? address.Port : 5432,
            Database = Uri.UnescapeDataString(address.AbsolutePath[1..]),
            Username = Uri.UnescapeDataString(user[0]),
            ApplicationName = "weir-server",
            MaxPoolSize = 50,
            Timeout = 10,
            CommandTimeout = 30,
        };
        if (user.Length == 2)
        {
            builder.Password = Uri.UnescapeDataString(user[1]);
        }

        foreach (var pair in address.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var (key, value) = pair.Split('=', 2) is [var k, var v] ? (k, Uri.UnescapeDataString(v)) : (pair, "");
            switch (key)
            {
                case "sslmode" when Enum.TryParse<SslMode>(value.Replace("-", "", StringComparison.Ordinal), ignoreCase: true, out var mode):
                    builder.SslMode = mode;
                    break;
                case "sslrootcert":
                    builder.RootCertificate = value;
                    break;
                case "host" when builder.Host.Length == 0:
                    builder.Host = value;
                    break;
                default:
                    throw new ConfigurationException([$"WEIR_DATABASE_URL: parameter {key} is not understood; there are sslmode, sslrootcert and host"]);
            }
        }

        return builder.ConnectionString;
    }
}
