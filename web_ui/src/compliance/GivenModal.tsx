import { Alert, Form, type FormInstance, Modal } from "antd";
import { type ReactNode, useEffect, useId } from "react";
import { focusSoon } from "../app/focusSoon";
import { useErrorText } from "../app/useErrorText";
import type { useDeed } from "./useCompliance";

interface Props<Values> {
  title: string;
  submit: string;
  form: FormInstance<Values>;
  initial: Partial<Values>;
  deed: ReturnType<typeof useDeed>;
  onFinish: (values: Values) => void;
  onClose: () => void;
  children: ReactNode;
}

/** A form in a dialog, begun at its first field. What the server refuses stands in it until it is put right. */
export function GivenModal<Values>(props: Props<Values>) {
  const { title, submit, form, initial, deed, onFinish, onClose, children } = props;
  const errorText = useErrorText();
  // The button stands outside of the form: it belongs to it by name, so that Enter in a field presses it.
  const id = useId();
  // An autoFocus would be too early where nothing is animated: the dialog is not displayed yet when its fields come.
  useEffect(() => focusSoon(() => document.getElementById(id)?.querySelector("input, textarea")), [id]);
  const problem = deed.error && errorText(deed.error);
  return (
    <Modal
      open
      title={title}
      okText={submit}
      okButtonProps={{ loading: deed.isPending, htmlType: "submit", form: id }}
      onCancel={onClose}
      width={640}
      destroyOnHidden
    >
      <Form<Values>
        id={id}
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={initial}
        scrollToFirstError={{ focus: true }}
        onFinish={onFinish}
      >
        {children}
      </Form>
      {problem && <Alert type="error" showIcon title={problem.title} description={problem.hint} />}
    </Modal>
  );
}
