using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Weir.ControlPlane.Application.Failures;
using Weir.ControlPlane.Application.Features.Sessions.Recording;
using Weir.ControlPlane.Application.Persistence;
using Weir.ControlPlane.Domain.Sessions;

namespace Weir.ControlPlane.Application.Features.Audit;

/// <summary>Follows the organization's three chains from their beginnings: audit events, session seals, and the events of each session.</summary>
internal sealed class ChainVerification(WeirDbContext db, ISessionEventReader reader)
{
    private const int MaxFaults = 1000;

    public async Task<VerifyAudit.Part> VerifyAuditAsync(CancellationToken cancellationToken)
    {
        var faults = new List<VerifyAudit.Fault>();
        var (count, sequence, head) = (0L, 0L, new byte[32]);
        await foreach (var e in db.AuditEvents.AsNoTracking().OrderBy(e => e.Sequence).AsAsyncEnumerable().WithCancellation(cancellationToken))
        {
            count++;
            if (e.Sequence != sequence + 1)
            {
                Add(faults, $"{sequence + 1}", "is missing");
            }
            else if (!e.PreviousHash.AsSpan().SequenceEqual(head))
            {
                Add(faults, $"{e.Sequence}", "does not continue the event before it");
            }

            if (!e.IsGenuine())
            {
                Add(faults, $"{e.Sequence}", "was changed");
            }

            (sequence, head) = (e.Sequence, e.Hash);
        }

        var counters = await db.Counters.AsNoTracking().SingleAsync(cancellationToken);
        if (counters.AuditSequence != sequence || !counters.AuditHead.AsSpan().SequenceEqual(head))
        {
            Add(faults, $"{counters.AuditSequence}", "is the last that was written, but not the last that is there");
        }

        return new(count, faults);
    }

    public async Task<VerifyAudit.Part> VerifySealsAsync(CancellationToken cancellationToken)
    {
        var faults = new List<VerifyAudit.Fault>();
        var publicKey = await db.OrganizationKeys.AsNoTracking().Select(k => k.SealPublicKey).SingleAsync(cancellationToken);
        using var key = ECDsa.Create();
        key.ImportSubjectPublicKeyInfo(publicKey, out _);
        var (count, number, head) = (0L, 0L, new byte[32]);
        await foreach (var seal in db.SessionSeals.AsNoTracking().OrderBy(s => s.Number).AsAsyncEnumerable().WithCancellation(cancellationToken))
        {
            count++;
            if (seal.Number != number + 1)
            {
                Add(faults, $"{number + 1}", "is missing");
            }
            else if (!seal.PreviousHash.AsSpan().SequenceEqual(head))
            {
                Add(faults, $"{seal.Number}", "does not continue the seal before it");
            }

            if (!seal.IsGenuine(key))
            {
                Add(faults, $"{seal.Number}", "was changed, or is not signed by this organization");
            }

            (number, head) = (seal.Number, seal.Hash);
        }

        var counters = await db.Counters.AsNoTracking().SingleAsync(cancellationToken);
        if (counters.SealNumber != number || !counters.SealHead.AsSpan().SequenceEqual(head))
        {
            Add(faults, $"{counters.SealNumber}", "is the last that was written, but not the last that is there");
        }

        return new(count, faults);
    }

    public async Task<VerifyAudit.Part> VerifySessionsAsync(Guid? only, CancellationToken cancellationToken)
    {
        var faults = new List<VerifyAudit.Fault>();
        var onlyId = new SessionId(only ?? default);
        var sessions = await db.Sessions.AsNoTracking()
            .Where(s => only == null || s.Id == onlyId)
            .Select(s => new { s.Id, s.LastSequence, s.LastHash, s.Status, s.IntegrityFault })
            .ToListAsync(cancellationToken);
        if (only is not null && sessions.Count == 0)
        {
            throw new NotFoundException("session", onlyId.ToString());
        }

        var seals = await db.SessionSeals.AsNoTracking().Where(s => only == null || s.SessionId == onlyId).ToDictionaryAsync(s => s.SessionId, cancellationToken);
        foreach (var session in sessions)
        {
            if (session.IntegrityFault is { } known)
            {
                Add(faults, $"{session.Id}", known);
            }

            var (sequence, hash) = await VerifyEventsAsync(session.Id, faults, cancellationToken);
            if (sequence != session.LastSequence || !hash.AsSpan().SequenceEqual(session.LastHash))
            {
                Add(faults, $"{session.Id}", $"event {session.LastSequence} is the last that was written, but not the last that is there");
            }

            if (seals.TryGetValue(session.Id, out var seal) && session.IntegrityFault is null && (seal.LastSequence != sequence || !seal.LastHash.AsSpan().SequenceEqual(hash)))
            {
                Add(faults, $"{session.Id}", "is not the recording that was sealed");
            }

            if (seal is null && session.Status == SessionStatus.Ended)
            {
                Add(faults, $"{session.Id}", "has ended but bears no seal");
            }
        }

        foreach (var seal in seals.Values.Where(s => sessions.All(x => x.Id != s.SessionId)))
        {
            Add(faults, $"{seal.SessionId}", "was sealed but is gone");
        }

        return new(sessions.Count, faults);
    }

    private async Task<(long Sequence, byte[] Hash)> VerifyEventsAsync(SessionId session, List<VerifyAudit.Fault> faults, CancellationToken cancellationToken)
    {
        var (sequence, head) = (0L, RecordingChain.NoHash);
        await foreach (var e in db.SessionEvents.AsNoTracking().Where(e => e.SessionId == session).OrderBy(e => e.Sequence).AsAsyncEnumerable().WithCancellation(cancellationToken))
        {
            var hash = SHA256.HashData(e.Body);
            if (!hash.AsSpan().SequenceEqual(e.Hash))
            {
                Add(faults, $"{session}", $"event {e.Sequence} was changed");
            }

            if (e.Sequence != sequence + 1)
            {
                Add(faults, $"{session}", $"event {sequence + 1} is missing");
            }
            else
            {
                Compare(session, e, head, faults);
            }

            (sequence, head) = (e.Sequence, hash);
        }

        return (sequence, head);
    }

    private void Compare(SessionId session, SessionEventRecord record, byte[] head, List<VerifyAudit.Fault> faults)
    {
        try
        {
            var read = reader.Read(record.Body);
            if (read.Sequence != record.Sequence || read.SessionId != session.Value || !read.PreviousHash.Span.SequenceEqual(head))
            {
                Add(faults, $"{session}", $"event {record.Sequence} does not continue the one before it");
            }
        }
        catch (FormatException)
        {
            Add(faults, $"{session}", $"event {record.Sequence} does not read");
        }
    }

    private static void Add(List<VerifyAudit.Fault> faults, string id, string what)
    {
        if (faults.Count < MaxFaults)
        {
            faults.Add(new(id, what));
        }
    }
}
