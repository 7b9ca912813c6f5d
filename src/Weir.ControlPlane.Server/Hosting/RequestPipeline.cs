using Microsoft.AspNetCore.HttpOverrides;
using Grpc.AspNetCore.Server;
using Weir.ControlPlane.Server.Configuration;

namespace Weir.ControlPlane.Server.Hosting;

/// <summary>What every request goes through, in order.</summary>
internal static class RequestPipeline
{
    // No page needs inline script or style: the console has a stylesheet and a script module of its own.
    private const string ContentSecurityPolicy =
        "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; "
        + "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";

    public static void UseWeirRequestPipeline(this WebApplication app)
    {
        var options = app.Services.GetRequiredService<ServerOptions>();

        // Only from a proxy on the same machine, which is what the framework trusts by itself.
        app.UseForwardedHeaders(new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto });
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        app.Use(static (http, next) =>
        {
            var headers = http.Response.Headers;
            headers.ContentSecurityPolicy = ContentSecurityPolicy;
            headers.XContentTypeOptions = "nosniff";
            headers["Referrer-Policy"] = "no-referrer";

            // Stylesheets and scripts say themselves how long they may be kept; everything else is somebody's data.
            http.Response.OnStarting(static state =>
            {
                var answer = ((HttpResponse)state).Headers;
                if (answer.CacheControl.Count == 0)
                {
                    answer.CacheControl = "no-store";
                }

                return Task.CompletedTask;
            }, http.Response);
            return next(http);
        });
        app.UseRouting();
        app.Use((http, next) => KeepPortsApart(http, next, options.GrpcPort));
        app.UseRateLimiter();
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseAntiforgery();
    }

    /// <summary>Agents' calls are answered on their port only, and nothing else is.</summary>
    private static Task KeepPortsApart(HttpContext http, RequestDelegate next, int grpcPort)
    {
        var isGrpcCall = http.GetEndpoint()?.Metadata.GetMetadata<GrpcMethodMetadata>() is not null;
        if (isGrpcCall == (http.Connection.LocalPort == grpcPort))
        {
            return next(http);
        }

        http.Response.StatusCode = StatusCodes.Status404NotFound;
        http.SetEndpoint(null);
        return Task.CompletedTask;
    }
}
