using FluentValidation;
using Mediator;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Failures;
using Weir.Policy.Packs;

namespace Weir.ControlPlane.Application.Features.Documents;

/// <summary>One guardrail pack with its rules.</summary>
public static class GetPack
{
    [RequirePermission(Permission.Participate)]
    public sealed record Query(string Name) : IRequest<PackView>;

    internal sealed class Validator : AbstractValidator<Query>
    {
        public Validator() => RuleFor(q => q.Name).NotEmpty().MaximumLength(63);
    }

    internal sealed class Handler : IRequestHandler<Query, PackView>
    {
        public ValueTask<PackView> Handle(Query request, CancellationToken cancellationToken) =>
            ValueTask.FromResult(PackView.Of(PackCatalog.Find(request.Name) ?? throw new NotFoundException("pack", request.Name)));
    }
}
