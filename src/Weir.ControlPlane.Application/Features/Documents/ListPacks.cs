using Mediator;
using Weir.ControlPlane.Application.Authorization;
using Weir.Policy.Packs;

namespace Weir.ControlPlane.Application.Features.Documents;

/// <summary>The guardrail packs that ship with this version.</summary>
public static class ListPacks
{
    [RequirePermission(Permission.Participate)]
    public sealed record Query : IRequest<Page<PackView>>;

    internal sealed class Handler : IRequestHandler<Query, Page<PackView>>
    {
        public ValueTask<Page<PackView>> Handle(Query request, CancellationToken cancellationToken) =>
            ValueTask.FromResult(new Page<PackView>([.. PackCatalog.All.Select(PackView.Of)], null));
    }
}
