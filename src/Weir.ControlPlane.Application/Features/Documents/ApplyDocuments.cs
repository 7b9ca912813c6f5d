using System.Buffers;
using System.Text;
using System.Text.Json;
using FluentValidation;
using Mediator;
using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Changes;
using Weir.ControlPlane.Application.Failures;
using Weir.ControlPlane.Application.Persistence;
using Weir.ControlPlane.Application.Secrets;
using Weir.ControlPlane.Domain.Documents;
using Weir.Policy.Documents;

namespace Weir.ControlPlane.Application.Features.Documents;

/// <summary>Makes a set of documents true, whole or not at all.</summary>
public static class ApplyDocuments
{
    /// <param name="Documents">Whole documents: apiVersion, kind, metadata, spec.</param>
    /// <param name="DryRun">Only say what would change.</param>
    [RequirePermission(Permission.ChangePolicies)]
    public sealed record Command(IReadOnlyList<JsonElement> Documents, bool DryRun = false) : IRequest<Response>;

    /// <param name="Version">The policy version after it; agents acknowledge it.</param>
    public sealed record Response(long Version, IReadOnlyList<Result> Results);

    /// <param name="Action">created, changed or unchanged.</param>
    /// <param name="Changes">Paths of what changed.</param>
    public sealed record Result(Guid Id, string Kind, string Name, string Action, IReadOnlyList<string> Changes);

    internal sealed class Validator : AbstractValidator<Command>
    {
        public Validator() => this.MustBeDocuments(c => c.Documents);
    }

    internal sealed class Handler(WeirDbContext db, ActorScope scope, ChangeJournal journal, ISecretProtector protector, TimeProvider time)
        : IRequestHandler<Command, Response>
    {
        public async ValueTask<Response> Handle(Command request, CancellationToken cancellationToken)
        {
            var documents = SubmittedDocuments.Read(request.Documents);

            // Whoever applies after us sees what we wrote: the version in force is always made from one set.
            var counters = await journal.LockCountersAsync(cancellationToken);
            var records = await db.Documents.ToListAsync(cancellationToken);
            var existing = records.ToDictionary(r => (r.Kind, r.Name));
            var results = new List<Result>();
            var hasChanges = false;
            foreach (var (document, index) in documents.Select((d, i) => (d, i)))
            {
                var result = await ApplyAsync(document, index, existing, cancellationToken);
                results.Add(result);
                hasChanges |= result.Action != "unchanged";
            }

            PolicyCheck.EnsureCompiles(existing.Values, time.GetUtcNow());
            if (request.DryRun)
            {
                db.ChangeTracker.Clear();
                return new(counters.PolicyVersion, results);
            }

            if (!hasChanges)
            {
                return new(counters.PolicyVersion, results);
            }

            foreach (var result in results.Where(r => r.Action != "unchanged"))
            {
                var entry = db.Entry(existing[(result.Kind, result.Name)]);
                var before = entry.State == EntityState.Modified ? Digest.Of(entry.OriginalValues.GetValue<string>(nameof(PolicyDocumentRecord.Spec))) : null;
                journal.Audit("document.apply", result.Kind, result.Name, before, Digest.Of(entry.Entity.Spec), ("result", result.Action));
            }

            return new(await journal.ChangePolicyAsync(cancellationToken), results);
        }

        private async Task<Result> ApplyAsync(
            PolicyDocument document,
            int index,
            Dictionary<(string, string), PolicyDocumentRecord> existing,
            CancellationToken cancellationToken)
        {
            var (clean, secrets) = StoredSecrets.Split(document);
            var buffer = new ArrayBufferWriter<byte>();
            DocumentWriter.WriteSpec(clean, buffer);
            var spec = Encoding.UTF8.GetString(buffer.WrittenSpan);
            var name = clean.Metadata.Name;
            var now = time.GetUtcNow();
            var by = scope.Actor.PrincipalId;
            string action;
            List<string> changes = [];
            if (!existing.TryGetValue((clean.Kind, name), out var record))
            {
                record = new PolicyDocumentRecord(
                    scope.Organization!.Value, PolicyDocumentId.New(now), clean.Kind, name, clean.Metadata.Labels, spec, by, now);
                existing.Add((clean.Kind, name), record);
                db.Documents.Add(record);
                action = "created";
            }
            else
            {
                changes.AddRange(DocumentDifference.Paths(record, clean.Metadata.Labels, spec));
                action = changes.Count > 0 ? "changed" : "unchanged";
                if (changes.Count > 0)
                {
                    record.Change(clean.Metadata.Labels, spec, by, now);
                }
            }

            if (await ApplySecretsAsync(record, index, secrets, changes, now, cancellationToken) && action == "unchanged")
            {
                record.Change(record.Labels, record.Spec, by, now);
                action = "changed";
            }

            return new(record.Id.Value, record.Kind, record.Name, action, changes);
        }

        private async Task<bool> ApplySecretsAsync(
            PolicyDocumentRecord record,
            int index,
            IReadOnlyList<(string Slot, string Value)> secrets,
            List<string> changes,
            DateTimeOffset now,
            CancellationToken cancellationToken)
        {
            var stored = await db.DocumentSecrets.Where(s => s.DocumentId == record.Id).ToListAsync(cancellationToken);
            db.DocumentSecrets.RemoveRange(stored.Where(s => secrets.All(n => n.Slot != s.Slot)));
            var changed = false;
            foreach (var (slot, value) in secrets)
            {
                var old = stored.SingleOrDefault(s => s.Slot == slot);
                var context = StoredSecrets.ContextOf(record.Id.Value, slot);
                if (value.Length == 0)
                {
                    if (old is null)
                    {
                        throw new ValidationFailedException($"documents[{index}].{StoredSecrets.PathOf(slot)}", "No secret is stored yet: give its value once.");
                    }

                    continue;
                }

                var bytes = Encoding.UTF8.GetBytes(value);
                if (old is null)
                {
                    db.DocumentSecrets.Add(new DocumentSecret(record.OrganizationId, record.Id, slot, await protector.ProtectAsync(context, bytes, cancellationToken), now));
                }
                else if (!(await protector.UnprotectAsync(context, old.ProtectedValue, cancellationToken)).AsSpan().SequenceEqual(bytes))
                {
                    old.Replace(await protector.ProtectAsync(context, bytes, cancellationToken), now);
                }
                else
                {
                    continue;
                }

                changed = true;
                changes.Add(StoredSecrets.PathOf(slot));
            }

            return changed;
        }
    }
}
