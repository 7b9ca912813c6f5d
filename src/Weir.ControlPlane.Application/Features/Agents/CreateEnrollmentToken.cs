using FluentValidation;
using Mediator;
using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Changes;
using Weir.ControlPlane.Application.Persistence;
using Weir.ControlPlane.Application.Secrets;
using Weir.ControlPlane.Domain.Agents;

namespace Weir.ControlPlane.Application.Features.Agents;

/// <summary>Makes the one-time token with which an agent of a name enrolls. An older, unused one of that name is void from then on.</summary>
public static class CreateEnrollmentToken
{
    public static readonly TimeSpan DefaultTtl = TimeSpan.FromHours(1);
    public static readonly TimeSpan MaxTtl = TimeSpan.FromDays(7);

    [RequirePermission(Permission.ChangeAgents)]
    public sealed record Command(string Name, TimeSpan? Ttl = null) : IRequest<Response>;

    /// <param name="Token">Shown this once.</param>
    public sealed record Response(Guid Id, string Token, DateTimeOffset ExpiresAt)
    {
        public override string ToString() => $"enrollment token {Id}";
    }

    internal sealed class Validator : AbstractValidator<Command>
    {
        public Validator()
        {
            RuleFor(c => c.Name).Matches("^[a-z0-9][a-z0-9-]{0,62}$").WithMessage("1 to 63 of a-z, 0-9 and '-', starting with a letter or digit.");
            RuleFor(c => c.Ttl).Must(t => t is null || (t > TimeSpan.Zero && t <= MaxTtl)).WithMessage($"More than nothing and at most {MaxTtl.Days} days.");
        }
    }

    internal sealed class Handler(ActorScope scope, EnrollmentTokens tokens) : IRequestHandler<Command, Response>
    {
        public async ValueTask<Response> Handle(Command request, CancellationToken cancellationToken)
        {
            var (token, secret) = await tokens.CreateAsync(scope.Organization!.Value, request.Name, request.Ttl ?? DefaultTtl, scope.Actor.PrincipalId, cancellationToken);
            return new(token.Id.Value, secret.Text, token.ExpiresAt);
        }
    }
}
