using System.Text.Json;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc;
using Weir.ControlPlane.Application.Failures;

namespace Weir.ControlPlane.Server.Api;

/// <summary>Turns the closed set of failures into RFC 9457 problems. Anything else is a 500 that says nothing but where to look.</summary>
internal sealed class ProblemHandler(IProblemDetailsService problems) : IExceptionHandler
{
    public ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        var problem = exception switch
        {
            ValidationFailedException invalid => new HttpValidationProblemDetails(
                invalid.Faults.GroupBy(f => f.Path).ToDictionary(g => g.Key, g => g.Select(f => f.Message).ToArray()))
            {
                Status = StatusCodes.Status400BadRequest,
                Title = "The request is wrong; nothing was done.",
            },
            NotFoundException => Problem(StatusCodes.Status404NotFound, "Not found", exception.Message),
            ForbiddenException => Problem(StatusCodes.Status403Forbidden, "Forbidden", exception.Message),
            ConflictException => Problem(StatusCodes.Status409Conflict, "Conflict", exception.Message),
            BadHttpRequestException { InnerException: JsonException json } bad => Problem(bad.StatusCode, "The request's body is wrong; nothing was done.", WordsOf(json)),
            BadHttpRequestException bad => Problem(bad.StatusCode, "The request can't be read", bad.Message),
            _ => Problem(StatusCodes.Status500InternalServerError, "Internal error", $"See the server's log for trace {httpContext.TraceIdentifier}."),
        };
        httpContext.Response.StatusCode = problem.Status!.Value;
        return problems.TryWriteAsync(new ProblemDetailsContext { HttpContext = httpContext, ProblemDetails = problem, Exception = exception });
    }

    /// <summary>Without the names of types, which mean nothing to a caller.</summary>
    private static string WordsOf(JsonException json) => json.Message.Contains("could not be mapped to any .NET member", StringComparison.Ordinal)
        ? $"{json.Path}: there is no such key here."
        : json.Message.Contains("missing required properties", StringComparison.Ordinal)
            ? $"{json.Path}: required keys are missing: {json.Message[(json.Message.LastIndexOf(':') + 1)..].Trim()}"
            : $"{json.Path}: {json.Message.Split(" Path: ", 2)[0]}";

    private static ProblemDetails Problem(int status, string title, string detail) => new() { Status = status, Title = title, Detail = detail };
}
