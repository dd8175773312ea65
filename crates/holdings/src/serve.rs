//! The RPC by which the house gathers what is kept of a person (CU-15): every service has one of its own name, and all
//! answer alike.

/// Defines `Personal`, the server of the `PersonalDataService` of the service `$service`, which answers with its list
/// `$tables`. A service that is asked for more has its further RPCs in braces.
#[macro_export]
macro_rules! personal_data {
    ($service:ident, $tables:path $({ $($more:tt)* })?) => {
        /// Its server.
        pub struct Personal {
            /// Database.
            pub db: ::kit::Db,
            /// Time.
            pub clock: ::kit::clock::Clock,
        }

        #[::tonic::async_trait]
        impl ::proto::$service::v1::personal_data_service_server::PersonalDataService for Personal {
            async fn get_personal_data(
                &self,
                request: ::tonic::Request<::proto::base::v1::GetPersonalDataRequest>,
            ) -> Result<::tonic::Response<::proto::base::v1::PersonalData>, ::tonic::Status> {
                $crate::answer((&self.db, &self.clock), $tables, request).await
            }

            $($($more)*)?
        }
    };
}
