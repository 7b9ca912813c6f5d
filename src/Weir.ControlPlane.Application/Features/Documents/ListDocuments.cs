using FluentValidation;
using Mediator;
using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Failures;
using Weir.ControlPlane.Application.Persistence;

namespace Weir.ControlPlane.Application.Features.Documents;

public static class ListDocuments
{
    /// <param name="Kind">Null for all kinds.</param>
    /// <param name="After">Name after which to go on (kind/name).</param>
    [RequirePermission(Permission.ReadPolicies)]
    public sealed record Query(string? Kind = null, string? After = null, int Limit = PageLimits.Default) : IRequest<Page<DocumentView>>;

    internal sealed class Validator : AbstractValidator<Query>
    {
        public Validator()
        {
            RuleFor(q => q.Limit).MustBePageLimit();
            RuleFor(q => q.Kind).MaximumLength(63);
            RuleFor(q => q.After).MaximumLength(130);
        }
    }

    internal sealed class Handler(WeirDbContext db) : IRequestHandler<Query, Page<DocumentView>>
    {
        public async ValueTask<Page<DocumentView>> Handle(Query request, CancellationToken cancellationToken)
        {
            var documents = db.Documents.AsNoTracking();
            if (request.Kind is not null)
            {
                documents = documents.Where(d => d.Kind == request.Kind);
            }

            if (request.After is { } after)
            {
                var (kind, name) = after.Split('/') is [var first, var second]
                    ? (first, second)
                    : throw new ValidationFailedException("after", "This is not a position that a list has returned.");
                documents = documents.Where(d => d.Kind.CompareTo(kind) > 0 || (d.Kind == kind && d.Name.CompareTo(name) > 0));
            }

            var rows = await documents.OrderBy(d => d.Kind).ThenBy(d => d.Name).Take(request.Limit + 1).ToListAsync(cancellationToken);
            return rows.ConvertAll(DocumentView.Of).ToPage(request.Limit, d => $"{d.Kind}/{d.Metadata.Name}");
        }
    }
}
