//! The RPCs by which the house gathers what is kept of a person (CU-15), and learns who uses their account (AD-2).
use crate::holdings::TABLES;

/// Whoever has signed in again since they registered, came back with the session of that day on another one, was in the
/// portal, or has messages pushed to a device. Of sessions that are gone the account remembers it.
const TRACES: &str = "select customer_id, 'sign_in' from customer_credentials c
     where realm_id = $1 and customer_id = any($2)
       and (last_login_at > registered_at or used_at is not null
            or exists (select from sessions s where s.realm_id = $1 and s.subject_id = c.customer_id
                         and s.kind = 'customer' and s.act_staff_id is null
                         and s.touched_at > c.registered_at + interval '1 day'))
     union all
     select customer_id, 'portal' from shoppers s
     where realm_id = $1 and customer_id = any($2)
       and exists (select from portal_sessions p
                   where p.shopper_id = encode(substring(s.email_hash from 1 for 16), 'hex')::uuid)
     union all
     select distinct customer_id, 'device' from devices where realm_id = $1 and customer_id = any($2)";

/// Devices, and accounts elsewhere.
const MOVES: &str = "select 'devices', count(*) from devices where realm_id = $1 and customer_id = $2
     union all
     select 'providers', count(*) from provider_accounts where realm_id = $1 and customer_id = $2";

holdings::personal_data!(identity, TABLES {
    async fn count_moves(
        &self,
        request: tonic::Request<proto::base::v1::CountMovesRequest>,
    ) -> Result<tonic::Response<proto::base::v1::Moves>, tonic::Status> {
        holdings::moves::count_moves(&self.db, MOVES, request).await
    }

    async fn find_traces(
        &self,
        request: tonic::Request<proto::base::v1::FindTracesRequest>,
    ) -> Result<tonic::Response<proto::base::v1::Traces>, tonic::Status> {
        holdings::traces::find_traces(&self.db, TRACES, request).await
    }
});
