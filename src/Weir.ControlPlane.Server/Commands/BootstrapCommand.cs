using System.Text.Json;
using Weir.ControlPlane.Application;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Failures;
using Weir.ControlPlane.Application.Features.Organizations;
using Weir.ControlPlane.Server.Api;
using Weir.ControlPlane.Server.Configuration;
using Weir.ControlPlane.Server.Hosting;

namespace Weir.ControlPlane.Server.Commands;

/// <summary>Makes an organization with its first principals and agents from a JSON file, and prints their tokens as JSON: the only time they are seen.</summary>
internal static class BootstrapCommand
{
    private const int LongestFile = 1024 * 1024;

    public static async Task RunAsync(ServerOptions options, string file, TextWriter output, CancellationToken cancellationToken)
    {
        var request = await ReadAsync(file, cancellationToken);
        await using var app = ServerHost.Build(options);
        await ServerHost.EnsureReadyAsync(app, cancellationToken);
        var response = await app.Services.GetRequiredService<ActorMediator>().SendAsync(Actor.System, request, cancellationToken);
        await output.WriteLineAsync(JsonSerializer.Serialize(response, ApiJson.Options));
    }

    /// <exception cref="ValidationFailedException">Not JSON, an unknown key, or a key that is missing; says which.</exception>
    private static async Task<Bootstrap.Command> ReadAsync(string file, CancellationToken cancellationToken)
    {
        await using var stream = File.OpenRead(file);
        if (stream.Length > LongestFile)
        {
            throw new ValidationFailedException(file, $"longer than {LongestFile} bytes");
        }

        try
        {
            return await JsonSerializer.DeserializeAsync<Bootstrap.Command>(stream, ApiJson.Options, cancellationToken)
                ?? throw new ValidationFailedException(file, "holds null");
        }
        catch (JsonException fault)
        {
            throw new ValidationFailedException(file, fault.Message);
        }
    }
}
