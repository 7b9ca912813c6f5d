using Microsoft.Extensions.Logging.Console;

namespace Weir.ControlPlane.Server.Hosting;

/// <summary>One line an event on standard output, as service managers and containers collect it.</summary>
internal static class Logging
{
    public static void AddWeirLogging(this WebApplicationBuilder builder)
    {
        builder.Logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.ColorBehavior = LoggerColorBehavior.Disabled;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
        });
        builder.Logging.SetMinimumLevel(LogLevel.Information);
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        builder.Logging.AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Information);
        builder.Logging.AddFilter("Grpc", LogLevel.Warning);
        builder.Logging.AddFilter("ModelContextProtocol", LogLevel.Warning);

        // Every refused token would be a line.
        builder.Logging.AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error);
        builder.Logging.AddFilter("Weir.ControlPlane.Server.Authentication.TokenAuthenticationHandler", LogLevel.Warning);

        // Statements hold parameters, and parameters hold secrets.
        builder.Logging.AddFilter("Microsoft.EntityFrameworkCore", LogLevel.Error);
        builder.Logging.AddFilter("Npgsql", LogLevel.Error);
    }
}
