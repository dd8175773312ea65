//! The contracts: every RPC and field is explained, and nothing of them changes unseen.
use std::fmt::Write;

use prost::Message;
use prost_types::{DescriptorProto, FileDescriptorProto, FileDescriptorSet, field_descriptor_proto::Label};

fn files() -> Vec<FileDescriptorProto> {
    let set = FileDescriptorSet::decode(proto::DESCRIPTORS).expect("descriptors");
    let mut files: Vec<_> = set.file.into_iter().filter(|file| file.package().starts_with("patron.")).collect();
    files.sort_by(|a, b| a.name().cmp(b.name()));
    files
}

/// Paths (in the sense of `SourceCodeInfo`) and names of everything that needs a comment.
fn explained(file: &FileDescriptorProto) -> Vec<(Vec<i32>, String)> {
    let mut all = Vec::new();
    for (i, service) in (0..).zip(&file.service) {
        all.push((vec![6, i], service.name().to_owned()));
        for (j, method) in (0..).zip(&service.method) {
            all.push((vec![6, i, 2, j], format!("{}.{}", service.name(), method.name())));
        }
    }
    for (i, message) in (0..).zip(&file.message_type) {
        fields(&[4, i], message, &mut all);
    }
    all
}

fn fields(path: &[i32], message: &DescriptorProto, all: &mut Vec<(Vec<i32>, String)>) {
    if message.options.as_ref().is_some_and(prost_types::MessageOptions::map_entry) {
        return;
    }
    all.push((path.to_vec(), message.name().to_owned()));
    for (i, field) in (0..).zip(&message.field) {
        all.push(([path, &[2, i]].concat(), format!("{}.{}", message.name(), field.name())));
    }
    for (i, nested) in (0..).zip(&message.nested_type) {
        fields(&[path, &[3, i]].concat(), nested, all);
    }
}

#[test]
fn every_rpc_and_field_is_explained() {
    let mut bare = Vec::new();
    for file in files() {
        let info = file.source_code_info.clone().unwrap_or_default();
        for (path, name) in explained(&file) {
            let comment = info.location.iter().find(|location| location.path == path);
            if comment.is_none_or(|location| location.leading_comments().trim().is_empty()) {
                bare.push(format!("{}: {name}", file.name()));
            }
        }
    }
    assert!(bare.is_empty(), "without a comment: {bare:#?}");
}

/// Numbers and types of fields never change; what is added shows here.
#[test]
fn the_contracts_are_as_they_were() {
    let mut text = String::new();
    for file in files() {
        writeln!(text, "{}", file.name()).expect("text");
        for service in &file.service {
            for method in &service.method {
                let (input, output) = (method.input_type(), method.output_type());
                writeln!(text, "  rpc {}.{} {input} -> {output}", service.name(), method.name()).expect("text");
            }
        }
        for message in &file.message_type {
            describe(&mut text, "  ", message);
        }
    }
    insta::assert_snapshot!(text);
}

fn describe(text: &mut String, indent: &str, message: &DescriptorProto) {
    writeln!(text, "{indent}message {}", message.name()).expect("text");
    for field in &message.field {
        let kind = if field.type_name().is_empty() { field.r#type().as_str_name() } else { field.type_name() };
        let many = if field.label() == Label::Repeated { "repeated " } else { "" };
        writeln!(text, "{indent}  {} = {many}{kind} {}", field.number(), field.name()).expect("text");
    }
    for nested in &message.nested_type {
        describe(text, &format!("{indent}  "), nested);
    }
}
